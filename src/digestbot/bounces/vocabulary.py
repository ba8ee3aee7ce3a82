"""Why mails are not delivered, in the words of many mail servers and several languages: a pattern a line.

The text that they are held against is folded: lower case, no accents, single blanks, ``ada@there`` for each address.
``<name>`` stands for a class of words, ``<gap>`` for a few words of the same sentence. What repeats in a pattern is
bounded, so that it takes linear time.
"""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from digestbot.bounces.models import Reason

_CLASSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "gap": r"[^.;\n]{0,40}",
        "who": r"(user|recipient|mail ?box|account|address(ee)?|person|mail ?drop|name|alias|inbox|id|customer"
        r"|subscriber"
        r"|local part|destination|rcpt|e?-?mail|rec(ei|ie)ver)s?\b",
        "whose": r"( (name|address|account|id|mailbox|email|specified|given|here|alias|you entered|\S{1,80}@\S{1,80}"
        r"|'[^'\n]{1,80}')){0,3}[\"'>)\]:,]{0,4}",
        "is": r"(is|was|are|were|has|have|been|you|that|could|can|does|do|did|seems?|appears?|currently|temporarily)",
        "not": r"(not?|n't)",
        "known": r"(found|known|exists?|existing|listed|valid|recogni[sz]ed|available|here|registered|a valid"
        r"|a known|match"
        r"|located|in |our|present|been found|active user|local|delivered to|been set|defined|a user|resolv"
        r"|understood)",
        "bad": r"(unknown|invalid|no such|no|non-?exist[ae]nt|bad|undefined|illegal|incorrect|unrecogni[sz]ed"
        r"|wrong|inexistent"
        r"|not our|not existing|unroute?able|undeliverable|unresolv\w{1,10}|unable to (find|validate|verify)( the)?"
        r"|can(not|'t| not) find( the)?|could(n't| ?not) (find|verify)( the)?|not a (valid|local))",
        "kind": r"( or \w{1,20}| local| virtual| valid| such| known| destination| e?-?mail| recipient| user'?s?"
        r"| mail| the"
        r"| final| target| system| a| alias| internal| active| remote){0,3}",
        "host": r"(host|domain|site|mail ?exchanger|server|hostname|domain name|mx)( name| part)?",
        "box": r"(mail ?box|inbox|account|quota|storage|folder|postfach|boite|buzon|maildrop|space|box)\b",
        "off": r"(disabled|suspended|inactive|deactivated|locked|frozen|not active|expired|dormant|on hold"
        r"|closed temporarily"
        r"|archiv|unavailable or access|discontinued|blocked|over limit|terminated)",
        "refused": r"(rejected|refused|blocked|banned|listed|denied|deferred|not allowed|restricted|throttl\w{1,5})",
        "room": r"(space|storage|room|quota|disk)\b",
    }
)

REASONS: Final[Sequence[tuple[Reason, str]]] = (
    (
        "full",
        r"""
        <box>(?! (not|for))[^.;\n]{0,30} (is |are )?(now |too |almost )?(full|exceed(ed|s)?\b|over ?flow)
        <box>[^.;\n]{0,30} (voll|pleine|llen[oa]|piena|cheia|lleno)\b
        (over|exceed(s|ed|ing)?|above|out of|no more|beyond|surpass)<gap> (quota|storage|space)\b
        (over|exceed(s|ed|ing)?|above|beyond)<gap> (mailbox|inbox|mail) (size|limit|storage|quota)
        \bquota (is |was )?(has been )?(exceed|full|reached|violation|error|depass)
        \b(over|full|mail|disk|user)[ -]?quota\b
        (full|overfull|overloaded) (mail ?box|inbox|account)
        mail ?box ?(is )?full|mbox full|mailfull
        exceeded (his|her|their|its|the) (mail|quota|storage|local limit)
        (not enough|insufficient|no|too little|run out of)( free| disk| available| mail| storage| system){0,2} <room>
        exceed<gap>(storage|space)
        (mailbox|user|account|recipient|drop|message ?store|folder)<gap>(over its limit|limit (is )?(reached|exceeded))
        (mailbox|user|account|recipient|drop|message ?store|folder)<gap>exceeded (its|the|local)\b
        boite .{0,20}(pleine|saturee)|espace insuffisant|quota (de|du)\b
        (speicherplatz|postfach|quota)<gap>(uberschritten|erschopft|voll)
        переполнен|превышен|переповн
        メールボックス.{0,20}(一杯|いっぱい|容量)|容量.{0,10}(超|オーバ)|空き容量|(邮箱|信箱).{0,5}(已满|已滿|空间不足)
        """,
    ),
    (
        "expired",
        r"""
        failed (after )?\d{1,4} (attempts|times|tries)|after \d{1,4} (attempts|days|hours)
        retry (time|count|limit)|time ?out exceeded
        """,
    ),
    (
        "takes no mail",
        r"""
        null ?mx|\b1\.10\b|\b(521|556)[ -]|smtp service not available on|host does not receive mail
        does(n't| not) (accept|receive)( any)? (e-?)?mail\b(?! (from|for this))
        domain<gap>(does not accept|accepts no) mail
        """,
    ),
    (
        "policy",
        r"""
        groups\.google|google\.com/a/[^\s]{1,60}|google groups?\b
        """,
    ),
    (
        "content",
        r"""
        virus|malware|infected|\bworm\b|trojan|spam(?!haus|cop)|junk ?mail|unsolicited|bulk e?-?mail|bayes
        (banned|forbidden|prohibited|restricted)( or \w+)? (attachment|file|content|url|header)
        (not allowed|illegal|blocked|dangerous)( or \w+)? (attachment|file|content|url|header)
        attachment|content[ -](filter|reject|restrict|violat|scanner|not (allowed|accept))|message content
        8-?bit|mime|malformed
        \b(bare )?(lf|cr|line ?feed)s?\b|header|not rfc|rfc ?\d{3,4} (compliant|violation)|rejected after data
        conversion|non-ascii
        (message|mail|contents?|text|body) (was |is |has been |have been |were )?(rejected|refused)
        (message|mail|contents?|text|body) (was |is |has been |have been |were )?(identified|considered)
        (message|mail|contents?|text|body) (was |is |has been |have been |were )?(classified|detected|not acceptable)
        """,
    ),
    (
        "too large",
        r"""
        (message|mail|file|size|it|data|body|attachment)<gap>(too (large|big|long)|exceeds?|exceeded|larger than)
        exceed<gap>(message|mail|maximum|max|fixed|file|size|limit for).{0,20}size
        max(imum)?[ -](message[ -])?size|size limit
        (larger|bigger|longer) than (the )?(current |allowed |maximum |limit)|bytes? (too|limit)
        zu gross|trop (gros|volumineux)|サイズ
        """,
    ),
    (
        "unknown user",
        r"""
        \b(user|recipient|mailbox|account|addressee|address) ?(is |was )?unknown
        unknown (user|recipient|mailbox|local ?part|account|addressee|email address)
        no such (user|recipient|mailbox|account|person|address|local user)
        user (not found|doesn't exist|does not exist|doesn't have)
        (mailbox|account|recipient|address) (that you tried to reach |'[^']{1,80}' )?(does not exist)
        (mailbox|account|recipient|address) (that you tried to reach |'[^']{1,80}' )?(doesn't exist|not found)
        (mailbox|account|recipient|address) (couldn't be found|could not be found|wasn't found)
        invalid (recipient|mailbox|user|rcpt)\b|unknown in virtual|not listed in (the )?(domino|public|directory)
        (check|verify) (if |that )?(the |this |your recipient.s )?(e-?mail )?address is correct
        no mailbox (here )?by that name|recipient address rejected: access denied|recipnotfound|address not found
        usuario desconocido|utilisateur inconnu|empfanger (ist )?unbekannt|benutzer unbekannt
        リストにありません|見つかりません|見つけられません
        """,
    ),
    (
        "policy",
        r"""
        \b(black|block|deny|ban)[ -]?list|\b(r|dns)bl\b|spamhaus|spamcop|barracuda|sorbs|cloudmark
        sender(base|score)|reputation
        <refused><gap>(ip|address \[|host|client|network|mail server|server|sender|using|by|from your)\b
        (your|client|sending|source|sender'?s?|originating) (ip|host|server|network|mta|domain|smtp|isp|mail server)
        \bspf\b|\bdkim\b|\bdmarc\b|authenticat|sender (id|policy)|alignment|5\.7\.(1\d|2\d|5\d\d|6\d\d|7\d\d)
        \bptr\b|reverse[ -](dns|lookup|record|resolution|address)|\brdns\b|helo|ehlo|forward.confirmed
        dynamic (ip|host|pool)
        resolve<gap>(sender|your)
        relay(ing)?( access)?( is| was)? ?(not|denied|prohibited|forbidden|refused|unable|disabled|operation)
        (unable|not (allowed|permitted|authori[sz]ed)|cannot|refus\w{1,5}|won't|deny|denied|no)<gap>\brelay
        policy|policies|security|compliance|\brules?\b|filter|restrict|permission|permitted|authori[sz]ed|denied
        forbidden
        (sender|from|mail from|return-?path|originator)<gap>(address )?(reject|refus|invalid)
        (sender|from|mail from|return-?path|originator)<gap>(address )?(unknown|denied|not exist|verif)
        (sender|from|mail from|return-?path|originator)<gap>(address )?(not accepted|bad|blocked|banned|unresolv|block)
        (reject|refus|block|bann|deni)\w{0,5}<gap>(sender|mail from|from address)
        (reject|refus|block|bann|deni)\w{0,5}<gap>(by the recipient|by recipient|by our|by your)
        too many|rate[ -]?limit|limit(ed)? exceeded|exceeded<gap>(limit|rate|number|connections)|throttl
        too (fast|much|often)
        frequen|concurren|slow down|try again later|gr[ae]y ?list|temporar(il)?y (deferred|rejected|blocked|refused)
        complaint|abuse|suspicious|reject(ed)? due to|prohibit|bounce verif|challenge|tls (is )?required|encrypt
        certificate
        must (be )?issue|preferences|only accept|not accepting mail from|doesn't allow|unwanted|undesirable
        postmaster|consult|unblock|delist|removal|banned|blocked
        """,
    ),
    (
        "disabled",
        r"""
        (account|mail ?box|user|recipient|e?-?mail|address|id|service|domain|mail ?drop)\b<gap>(<is> ){0,3}<off>\b
        (disabled|suspended|inactive)( or \w+)? (account|mailbox|user|recipient|address)
        (deactivated|locked|closed|frozen)( or \w+)? (account|mailbox|user|recipient|address)
        (expired|archived|dormant)( or \w+)? (account|mailbox|user|recipient|address)
        inactiv|temporarily (inactive|unavailable|suspended|disabled|locked)|no longer accepts mail|desactive
        archivee
        not accepting (any )?(mail|messages)|not currently accept|mailbox (is )?(temporarily|currently)\b
        is (restricted|unavailable)|refuses? (to (receive|accept)|mail)|out of service
        受信拒否|заблокирован|отключен|停用|冻结|休眠
        """,
    ),
    (
        "moved",
        r"""
        (has|have|was|been) (moved|relocated|changed (his|her|their|its) address)
        (left|leaving) the (company|organi[sz]ation)
        no longer (on (this )?server|at this|works? (here|at|for)|with (us|the))
        no longer (employed|associated|in use|valid address)
        new (e-?mail )?address is|address (has )?changed|replaced by|umgezogen|nouvelle adresse
        forward(ing)? address
        """,
    ),
    (
        "network",
        r"""
        (name ?server|name service|dns|lookup|resol\w{1,6}|host not found)<gap>(try again|temporar|tempfail|servfail)
        """,
    ),
    (
        "unknown host",
        r"""
        <host>( is| was| are)? ?(unknown|invalid)
        <host>( is| was| are)? ?(does(n't| not) exist|(could|can)( ?not|n't) be (found|resolved|located))
        <host>( is| was| are)? ?not (be )?(found|known|valid|exist|registered|resolvable|locate)
        (unknown|invalid|no such|non-?exist\w{1,5})<kind> (host|domain|site|mail exchanger)
        (bad|unresolvable|illegal|unrout\w{1,5})<kind> (host|domain|site|mail exchanger)
        (unknown|invalid|no such|non-?exist\w{1,5})<kind> (system name|node|server)
        (bad|unresolvable|illegal|unrout\w{1,5})<kind> (system name|node|server)
        name (or )?service not known|couldn't find any host
        no (valid )?(mail exchanger|mx|dns|mail|a) (records?|hosts?)
        (domain|host)<gap>(nonexist|not exist|no (a|mx)\b|does not resolve)|unrouteable mail domain
        all relevant mx records
        lowest numbered mx|nxdomain|dns (error|lookup fail|failure)|(domain|host)<gap>mistyp
        all hosts address lookup failed
        unable to (resolve|find|locate|route to)( the)? (domain|host|mail server|mx)|domain isn't
        host inconnu|unbekannt\w{0,3} (host|domain)|домен.{0,20}не (найден|существует)|域名|ホスト.{0,10}見つか
        """,
    ),
    (
        "unknown user",
        r"""
        <who><whose> ?(<is> ){0,4}(unknown|<not> (be )?<known>)
        <who><whose> ?(<is> ){0,4}(n't (exist|have|found)|invalid|unavailable|undeliverable|non-?exist|doesn't|don't)
        <who><whose> ?(<is> ){0,4}(no longer|bad|ambiguous|wrong|incorrect|isn't|discontinued|couldn't be found)
        <bad><kind>[ /:-]{1,3}<who>
        <bad><kind>[ /:-]{1,3}(username|userid|member|forward|boxes)
        (doesn't|does not|don't|do not) (exist|have (a |an )?(\S{1,60} )?(account|mailbox|user|yahoo))
        not (listed|in|found in)<gap>(directory|address book|domino|table|database|list)
        is not (a )?(known|listed|registered|valid)
        delivery to this address|no mailbox|mailbox (name )?not (allowed|found)|mailbox unavailable
        address (unknown|error|not)
        unknown address|relay recipient|no one by|nobody (here )?by|not a user|no account|user_?unknown
        unknownuser|nosuchuser
        (address(es)?|account)( you| that you)? (entered|tried to reach|sent)<gap>(not|n't|found)|no user
        no recipients?
        (could ?n[o']t|could not) be found|was(n't| not) found|not recogni[sz]ed|not reached|not known|5\.1\.1\b
        existiert nicht|unbekannt|n'existe (pas|plus)|inconnue?\b|introuvable|no existe|desconocid|non esiste
        sconosciut
        inesistente|nao existe|nao foi encontrad|bestaat niet|onbekend|nie istnieje|nieznany|okand|finns inte
        findes ikke
        ukendt|tuntematon|bulunamad|neexistuje|nem letezik|adresse (destinataire )?(invalide|incorrecte)
        nicht gefunden
        не (найден|существует|зарегистрирован)|нет такого|неизвест|не знайдено|не існує|存在し|不明|アドレス.{0,20}間違
        不存在|无此|用户未找到|找不到|無此|존재하지|없는|לא נמצא|غير موجود
        """,
    ),
    (
        "network",
        r"""
        (connection|connect|conversation|session)<gap>(refused|timed? ?out|failed|reset|lost)
        (connection|connect|conversation|session)<gap>(closed|dropped|broken|error|died)
        no route|unreachable|(could|can)( ?not|n't)( be)? (connect|establish|reach|contact)
        unable to (connect|establish|reach|contact|open)|network|lost connection|mail loop|loops? back|looping
        too many hops
        hop count|routing loop|loop detected|not respond|host.{0,30}(down|not answer)|refused to talk|greeting
        broken pipe
        """,
    ),
    (
        "expired",
        r"""
        (retry|delivery|transmission|queue|time|message|mail|it)<gap>(timed? ?out|time ?out)
        (retry|delivery|transmission|queue|time|message|mail|it)<gap>(time exceeded|expired|too (old|long))
        expired
        <not> (yet )?(be(en)?)? ?(deliver\w{0,3}|sent)<gap>(for|after|within|in|since) (the )?(last |past )?[\d.]
        retry (count|time|limit)|giving up|given up|too (old|many retries)|after \d+ (days|hours|attempts)|delay
        still (trying|being retried)|will (keep|continue|be retried|retry)|4\.4\.7|queue
        """,
    ),
    (
        "system",
        r"""
        system|server (error|configuration|too busy|failure|busy)|local (error|configuration)
        internal (error|failure)
        i/o error|out of memory|resources|service (not available|unavailable|denied|temporarily)|mailer error
        program|command
        exit|crash|unexpected|failure|not open|can't|cannot|deferred|temporar|busy|lock|database|timed? ?out
        """,
    ),
)
"""Tried from the top. What is said of the mail, the sender or the time stands before what is said of the address: an
address is called dead only when nothing else explains the refusal. Words that leave no doubt come before others."""


def pattern_of(lines: str) -> re.Pattern[str]:
    """Return one pattern for all lines, its classes of words written out."""
    text = "|".join(line.strip() for line in lines.strip().splitlines())
    for _ in range(2):
        text = re.sub(r"<([a-z]+)>", lambda found: _CLASSES[found[1]], text)
    return re.compile(text)
