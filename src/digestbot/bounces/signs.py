"""What tells a notice of failure from other mails: who speaks, the subject, the words. A pattern a line."""

from typing import Final

from digestbot.bounces.vocabulary import pattern_of

SERVER: Final = pattern_of(r"""
    mailer.?daemon|post.?master|mail.?daemon|mdaemon|mail.?deliver|delivery.?(sub)?system|mmdf|system.?administrator
    mail.?(administrator|admin|system|server|subsystem|router|gateway|transfer)|bounces?(?:[@+ ]|$)
    microsoft exchange
    exchange.?server|smtp.?gateway|daemon@|nondelivery|подсистема|content.?filter|gateway
""")
"""Names that mail servers give themselves."""

RETURNED: Final = pattern_of(r"""
    undeliver|returned (mail|e-?mail|message|to sender)
    delivery (status )?(notification|failure|failed|error|problem|report)
    delivery (status|has failed)|delivery.{0,20}(fail|error|unsuccess)|status notification|notice: mail
    mail system error|dsn
    (mail|message|e-?mail).{0,30}(fail|error|could not|not delivered|bounce|rejected|blocked|undelivered)
    (failure|failed|error|warning|bounce).{0,20}(notice|mail|message|delivery|deliver)
    non[- ]?(delivery|remis|recapit|zustell)
    nondeliver|unzustellbar|zustell|unable to deliver|can(no|')t deliver|could ?n[o']t (be )?(deliver|sen[dt])
    rejected
    user unknown|not delivered|mancat[ao]|echec|devolu|devuelto|no entregad|nao entreg|niet (afgeleverd|bezorgd)
    недоставлен|не доставлен|не удалось|配信|送信|不達|エラー|退信|退件|投递失败|系统退信
""")
"""Subjects of notices."""

FAILED: Final = pattern_of(r"""
    undeliver|not (be )?(able to )?(be )?deliver|could ?n[o']t (be )?(deliver|sen[dt]|reach)|no such user
    user unknown
    delivery (has )?(failed|failure|status|error|problem)|failed (to deliver|recipient|permanently|delivery)
    unknown user
    (unable|failed|failure|cannot) (to|in|while|during|trying to) (deliver|send|transmi)
    (can't|error|tried|attempt\w{0,3}) (to|in|while|during|trying to) (deliver|send|transmi)
    returned (mail|to sender|message)|(been|was|is|being) returned|intended recipient|permanent (error|fatal)
    not delivered
    (mail|message|address\w{0,4}|following|recipient)[^.\n]{0,60} (bounced|not reached|failed)
    (mail|message|address\w{0,4}|following|recipient)[^.\n]{0,60} (rejected|refused|fatal error)
    (mail|message|address\w{0,4}|following|recipient)[^.\n]{0,60} delivery (error|problem)
    not reach|mailbox (is )?(full|unavailable|not found)|was not (delivered|relayed|sent)|has not been delivered
    non[- ]?deliver
    nicht (zugestellt|ubermittelt)|unzustellbar|zustellung|non (remis|distribu|delivre|consegnat)|n'a pas pu
    impossible de|echec
    no se (ha )?pud|no pudo|no entregad|devuelto|nao (foi|pode)|mancata consegna|kunde inte|kunne ikke
    nie (mogl|zosta)
    niet (worden )?(afgeleverd|bezorgd)|iletilemedi|doruc|не (удалось|может быть|доставлен)|недоставлен
    配信|送信でき|届け|エラー|退信|无法(投递|送达)|投递失败|寄送失敗|배달|発信|送達
""")
"""Words in a notice."""

DELAYED: Final = pattern_of(r"""
    delay|not yet|still (trying|being|queued|in)|will (keep|continue|be) (trying|to try|retr)|no action is required
    warning: .{0,40}(could not|not)\b|(you do not|don't) need to (resend|do anything)|verzogert|retard|задерж
    temporarily delayed|warning message only|postponed
""")

OVER: Final = pattern_of(r"""
    permanent|giving up|given up|final|will not (be )?(retr|try|attempt)|failed\b|fatal|expired|returned to sender
    has not been delivered|was not delivered|unable to deliver|no further|not be able to deliver
""")
"""Words that say that nobody tries any longer, whatever was delayed before."""

AWAY: Final = pattern_of(r"""
    out.of.(the )?office|vacation|auto.?(matic)? ?-?(reply|response|responder|replied|antwort)|autoreply|abwesen
    away from
    on (leave|holiday)|absen[ct]e?|holiday|urlaub|reponse automatique|risposta automatica|respuesta automatica
    fuera de (la )?oficina|resposta automatica|automatisch (antwoord|e)|автоответ|自動(返信|応答)|自动(回复|答复)
    (confirm|verify) (your|that you|the) (e-?mail|sender|message|request|are)|challenge|please confirm
    confirmation required
    ticket|read: |thank you for (your|contacting)|we (have )?received your
""")
"""Subjects of replies that a person's program sends by itself, and of what asks whether the sender is human."""
