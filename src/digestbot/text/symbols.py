"""TeX's names for characters: what a command looks like when it is printed."""

from types import MappingProxyType

_GREEK = (
    "alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ "
    "lambda λ mu μ nu ν xi ξ pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi ϕ varphi "
    "φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega "
    "Ω "
)
_LETTERS = "o ø O Ø l ł L Ł ae æ AE Æ oe œ OE Œ aa å AA Å ss ß SS ẞ i ı j ȷ dh ð DH Ð th þ TH Þ dj đ DJ Đ ng ŋ NG Ŋ"
_SIGNS = (
    "times × div ÷ pm ± mp ∓ cdot · ast ∗ star ⋆ circ ∘ bullet • leq ≤ le ≤ geq ≥ ge ≥ neq ≠ ne ≠ approx ≈ sim ∼ "
    "simeq ≃ equiv ≡ cong ≅ propto ∝ ll ≪ gg ≫ lesssim ≲ gtrsim ≳ infty ∞ partial ∂ nabla ∇ sum ∑ prod ∏ int ∫ sqrt √ "
    "in ∈ notin ∉ subset ⊂ subseteq ⊆ supset ⊃ supseteq ⊇ cup ∪ cap ∩ emptyset ∅ varnothing ∅ setminus ∖ forall ∀ "
    "exists ∃ neg ¬ land ∧ wedge ∧ lor ∨ vee ∨ to → rightarrow → leftarrow ← leftrightarrow ↔ uparrow ↑ downarrow ↓ "
    "Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ implies ⇒ iff ⇔ mapsto ↦ longrightarrow ⟶ hookrightarrow ↪ otimes ⊗ "
    "oplus ⊕ odot ⊙ perp ⊥ parallel ∥ mid ∣ vert | Vert ‖ langle ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ "
    "dagger † ddagger ‡ ldots … dots … cdots ⋯ vdots ⋮ degree ° textdegree ° prime ′ sharp ♯ flat ♭ natural ♮ "
    "checkmark ✓ triangle △ square □ Box □ diamond ⋄ S § P ¶ copyright © textcopyright © textregistered ® "
    "texttrademark ™ pounds £ euro € texteuro € textbackslash \\ textasciitilde ~ textasciicircum ^ textunderscore _ "
    "textbar | textless < textgreater > lt < gt > textendash – textemdash — textquoteleft ‘ textquoteright ’ "
    "textquotedblleft “ textquotedblright ” lbrace { rbrace } backslash \\ colon : bigcirc ◯ angle ∠ top ⊤ bot ⊥ "
    "leqslant ⩽ geqslant ⩾ lvert | rvert | lVert ‖ rVert ‖ coloneqq ≔ triangleq ≜ rightsquigarrow ⇝ nrightarrow ↛ "
    "Longrightarrow ⟹ ne ≠ gtrless ≷ lessgtr ≶ nsubseteq ⊈ subsetneq ⊊ upmu µ lll ⋘ ggg ⋙ bigcup ⋃ bigcap ⋂ bigoplus ⨁ "
    "models ⊨ vdash ⊢ succ ≻ prec ≺ preceq ⪯ succeq ⪰ ell ℓ hbar ℏ Re ℜ Im ℑ aleph ℵ wp ℘ "
)


def _pairs(names: str) -> dict[str, str]:
    parts = names.split()
    return dict(zip(parts[::2], parts[1::2], strict=True))


HATS = MappingProxyType(
    {"tilde": "\u0303", "widetilde": "\u0303", "hat": "\u0302", "widehat": "\u0302", "bar": "\u0304", "vec": "\u20d7",
     "dot": "\u0307", "ddot": "\u0308"}
)  # fmt: skip
"""What stands above a letter of a formula."""
LIFTED = MappingProxyType(
    {
        "circ": {"^": "°"},
        "prime": {"^": "′"},
        "dagger": {"^": "†"},
        "star": {"^": "⋆", "_": "⋆"},
        "ast": {"^": "*"},
        "top": {"^": "ᵀ"},
        "odot": {"_": "⊙"},
        "oplus": {"_": "⊕"},
        "infty": {"_": "∞"},
    }
)
"""Signs that can be read as an index without being raised or lowered."""
LETTERS = MappingProxyType(_pairs(_LETTERS))
"""Letters of names: as in TeX they swallow the space or the empty braces that end them."""
SYMBOLS = MappingProxyType(_pairs(_GREEK) | _pairs(_SIGNS))
_NAMED = "log ln exp sin cos tan tanh max min sup inf lim det dim ker arg argmax argmin Pr gcd TeX LaTeX BibTeX "
_SPACES = "quad qquad newline linebreak par hfill space enspace thinspace noindent"
_SILENT = (
    "textit textbf texttt textsc textrm textsf textup textmd textnormal text emph em it bf rm sc tt sf sl "
    "mathbf mathcal mathbb mathrm mathit mathsf mathtt mathfrak mathscr mathop boldsymbol bm pmb "
    "operatorname ensuremath mbox hbox fbox hat widehat bar tilde widetilde vec dot ddot check breve "
    "overline underline underbrace overbrace uline left right big Big bigg Bigg bigl bigr Bigl Bigr biggl "
    "biggr Biggl Biggr middle displaystyle textstyle scriptstyle limits nolimits url nolinkurl path "
    "footnote tiny small footnotesize normalsize large Large LARGE huge Huge bfseries itshape scshape "
    "ttfamily sffamily rmfamily upshape selectfont protect xspace textsuperscript textsubscript color "
    "centering frac dfrac tfrac nicefrac sfrac binom stackrel underset overset phantom mathrel mathbin "
    "mathord "
)
WORDS = frozenset(_NAMED.split())
"""Commands that print their own name as a word."""
SPACES = frozenset(_SPACES.split())
SILENT = frozenset(_SILENT.split())
"""Commands that change how their argument looks, never what it says."""
MARKS = MappingProxyType(
    {
        "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", '"': "\u0308", "=": "\u0304", ".": "\u0307",
        "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "d": "\u0323", "b": "\u0331", "k": "\u0328",
        "r": "\u030a", "t": "\u0361",
    }
)  # fmt: skip
"""The accent commands and the combining characters they stand for."""
_PLAIN = "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWαβγδεθ"
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵅᵝᵞᵟᵋᶿ"
_LOW_PLAIN = "0123456789+-=()aehijklmnoprstuvxβγρφχ"
_LOWERED = "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ"
SUPERSCRIPTS = MappingProxyType(dict(zip(_PLAIN, _RAISED, strict=True)))
SUBSCRIPTS = MappingProxyType(dict(zip(_LOW_PLAIN, _LOWERED, strict=True)))
