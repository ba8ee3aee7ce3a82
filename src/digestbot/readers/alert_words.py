"""The words by which furniture in mails is known: links to settings and full texts, imprints, parts of templates.

Each list is a regular expression, an alternative or several a line. They match whole phrases: *privacy policy* is
furniture, *privacy in hospitals* is a title.
"""

import re


def _any_of(text: str) -> str:
    return "|".join(line.strip() for line in text.strip().splitlines())


_LEADING = r"(?:(?:click|tap) here (?:to|for) |follow th(?:is|e) links? to |please |you can |to )?"
_PHRASES = _any_of(
    r"""
    unsubscribe(?: .{0,60})?|opt[- ]out(?: .{0,40})?
    (?:update|change|manage|edit|set|modify|review) (?:your|my|e-?mail|alert)\b.{0,60}
    (?:(?:e-?mail|alerts?|communication|notification|my|your) )?(?:preferences|settings)(?: cent(?:er|re))?
    (?:(?:e-?mail|my|your) )?(?:subscriptions?|alerts?|profile|account)
    (?:our )?privacy (?:policy|notice|statement|cent(?:er|re)|settings).{0,30}
    (?:website |our )?terms(?: (?:of|and|&) .{1,40})?|cookies?(?: (?:policy|settings|preferences|notice))?
    copyright(?: (?:©|\(c\)|[0-9]{4}).{0,80})?|©.{0,80}|all rights reserved.{0,40}
    (?:log|sign) ?(?:in|up|out)(?: (?:to|for|now|here)\b.{0,40})?|subscribe(?: .{0,40})?
    register(?: (?:now|here|today|free|for .{1,60}))?|forward (?:to|this) .{0,40}
    view (?:this|the|it|in|as|online|all|more|full|your)(?: (?:this|your|an?|online|full|web|browser)\b.{0,40})?
    view (?:this|the|all|your) (?:e-?mail|message|alert|newsletter|issue|article|version|table|page|text)s?\b.{0,40}
    (?:web|desktop|online|mobile) ?(?:site|version|page)|home ?page|home|contact(?: us| the .{0,40})?
    customer (?:service|support).{0,30}|help(?: ?(?:desk|cent(?:er|re)|pages?))?
    (?:our )?support (?:portal|group|page|team)|advert(?:isement|ising|orial)s?(?: .{0,20})?|sponsored(?: .{0,20})?
    (?:follow|find|like|add|visit|join) us.{0,40}|submit (?:your|a|an|now|online|to|manuscripts?|papers?)\b.{0,40}
    call for (?:papers|submissions|abstracts).{0,80}
    (?:information |instructions |guidelines? )?for (?:authors|librarians|reviewers|referees|advertisers)
    editorial board|journal info(?:rmation)?|about (?:us|the journal|this (?:journal|e-?mail|message|alert))
    recommend (?:this|to (?:an?|your))\b.{0,40}
    (?:latest|current|past|previous|next|all|most read|browse(?: all)?) (?:articles?|issues?|content|journals|volumes)
    archives?|tables? of contents|contents|online (?:now|first)|advance articles?
    (?:learn|find out|read|see|show|get|discover|explore) (?:more|all|online|now|(?:the )?(?:full|whole) .{1,20})
    (?:learn|find out|read|see|discover|explore) more (?:about|on|from|in|at)\b.{0,40}
    more(?: (?:information|articles|details|from .{0,30}))?|click here.{0,40}|here|edit
    download (?:the|our|now|pdf|app|citations?)\b.{0,40}|jobs|careers?|events?|webinars?|conferences?|news|alerts?
    rss|next|previous|back|top|yes|no|print|faqs?|buy|order reprints
    (?:view |read |download |get |full[- ]?text )?(?:abstract|full[- ]?text|full article|article|pdf|html|epub|xml)
    (?:view |download |export )?(?:supplement\w*|references|figures|citation|cite|save|share|tweet)|facebook|twitter
    linkedin|you ?tube|weibo|instagram|mendeley|bluesky|mastodon|google scholar|pubmed|crossref|open access
    free access|free
    """
)
FURNITURE = re.compile(rf"{_LEADING}(?:{_PHRASES})(?: \(.{{1,20}}\))?[.!:»›>→ ]*", re.IGNORECASE)
"""What a link says that leads about. To be matched against all of it."""

IMPRINT = re.compile(
    _any_of(
        r"""
        \bunsubscribe\b|you (?:are|have|were) (?:receiv|been sent|sub)
        this (?:e-?mail|message|alert) (?:was|is|has been) sent|all rights reserved
        (?:copyright )?(?:©|\(c\)) ?(?:19|20)[0-9]{2}|copyright (?:19|20)[0-9]{2}
        if you (?:no longer|(?:do not|don't) w(?:ish|ant)|wish to) .{0,40}(?:receive|e-?mail|alert)
        registered (?:office|in england)
        """
    ),
    re.IGNORECASE,
)
"""What stands in the lines below the papers."""

TEMPLATE = re.compile(
    _any_of(
        r"""
        ReadMsgBody|ExternalClass|x-apple-disable-message-reformatting|schemas-microsoft-com:(?:vml|office)
        #outlook a|mso-(?:line|table|hide)|\[if (?:gte )?mso|AlertEmail|email_?alert|mj-column|unsubscribe|preheader
        """
    ),
    re.IGNORECASE,
)
"""What the HTML of mails is made of, and that of web pages is not."""

TRADE = re.compile(
    r"\b(?:"
    + _any_of(
        r"""
        doi|journal|volume|issue|articles?|abstract|preprints?|research|publications?|citations?|peer[- ]review
        e-?toc|table of contents|contents alert|biorxiv|medrxiv|arxiv|pubmed|proceedings|ahead of print
        online (?:now|first)|published online|manuscript
        [0-9]{1,4}, [0-9]{1,7} \((?:19|20)[0-9]{2}|(?:19|20)[0-9]{2};[0-9]{1,4}
        """
    )
    + r")\b",
    re.IGNORECASE,
)
"""What publishers speak of."""
