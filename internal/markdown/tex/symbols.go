package tex

import (
	"strings"
	"sync"
)

type symbol struct {
	text  string
	class class
}

// characters are what stands for itself, or nearly so.
var characters = map[string]symbol{
	"+": {"+", binary}, "-": {"−", binary}, "*": {"∗", binary}, "/": {"/", ordinary},
	"=": {"=", relation}, "<": {"<", relation}, ">": {">", relation}, ":": {":", relation},
	"(": {"(", opening}, "[": {"[", opening}, ")": {")", closing}, "]": {"]", closing}, "|": {"|", ordinary},
	",": {",", punctuation}, ";": {";", punctuation}, "!": {"!", closing}, "?": {"?", closing}, ".": {".", ordinary},
	"@": {"@", ordinary},
}

// symbols are the commands that stand for a character.
var symbols = sync.OnceValue(func() map[string]symbol {
	m := map[string]symbol{}
	for c, pairs := range map[class]string{
		ordinary: `alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ
			lambda λ mu μ nu ν xi ξ omicron ο pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi ϕ varphi φ
			chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω
			aleph ℵ beth ℶ hbar ℏ hslash ℏ imath ı jmath ȷ ell ℓ wp ℘ Re ℜ Im ℑ partial ∂ infty ∞ prime ′ emptyset ∅
			varnothing ∅ nabla ∇ top ⊤ bot ⊥ angle ∠ triangle △ forall ∀ exists ∃ nexists ∄ neg ¬ lnot ¬ flat ♭ natural ♮ sharp ♯
			clubsuit ♣ diamondsuit ♢ heartsuit ♡ spadesuit ♠ square □ Box □ blacksquare ■ degree ° dots … ldots … cdots ⋯
			vdots ⋮ ddots ⋱ dotsc … dotsb ⋯ complement ∁ % % $ $ # # & & _ _ | ‖ vert | Vert ‖ backslash \ checkmark ✓
			dag † dagger † ddagger ‡ S § P ¶ copyright © pounds £ AA Å`,
		binary: `pm ± mp ∓ times × div ÷ cdot ⋅ ast ∗ star ⋆ circ ∘ bullet ∙ cap ∩ cup ∪ uplus ⊎ sqcap ⊓ sqcup ⊔ vee ∨ lor ∨
			wedge ∧ land ∧ setminus ∖ wr ≀ diamond ⋄ oplus ⊕ ominus ⊖ otimes ⊗ oslash ⊘ odot ⊙ amalg ⨿ ltimes ⋉ rtimes ⋊`,
		relation: `leq ≤ le ≤ geq ≥ ge ≥ neq ≠ ne ≠ ll ≪ gg ≫ leqslant ⩽ geqslant ⩾ prec ≺ succ ≻ preceq ⪯ succeq ⪰ sim ∼ simeq ≃
			approx ≈ cong ≅ equiv ≡ doteq ≐ propto ∝ subset ⊂ supset ⊃ subseteq ⊆ supseteq ⊇ subsetneq ⊊ supsetneq ⊋ nsubseteq ⊈
			sqsubseteq ⊑ sqsupseteq ⊒ in ∈ ni ∋ notin ∉ vdash ⊢ dashv ⊣ models ⊨ vDash ⊨ perp ⟂ mid ∣ nmid ∤ parallel ∥
			nparallel ∦ asymp ≍ bowtie ⋈ smile ⌣ frown ⌢ lesssim ≲ gtrsim ≳ triangleq ≜ coloneqq ≔ colon :
			to → rightarrow → gets ← leftarrow ← leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ implies ⟹
			impliedby ⟸ iff ⟺ mapsto ↦ longmapsto ⟼ longrightarrow ⟶ longleftarrow ⟵ longleftrightarrow ⟷ Longrightarrow ⟹
			Longleftarrow ⟸ Longleftrightarrow ⟺ hookrightarrow ↪ hookleftarrow ↩ rightharpoonup ⇀ rightharpoondown ⇁
			leftharpoonup ↼ rightleftharpoons ⇌ uparrow ↑ downarrow ↓ updownarrow ↕ Uparrow ⇑ Downarrow ⇓ Updownarrow ⇕
			nearrow ↗ searrow ↘ swarrow ↙ nwarrow ↖ leadsto ⇝ rightsquigarrow ⇝ twoheadrightarrow ↠ nrightarrow ↛`,
		large: `sum ∑ prod ∏ coprod ∐ int ∫ iint ∬ iiint ∭ oint ∮ bigcap ⋂ bigcup ⋃ bigvee ⋁ bigwedge ⋀ bigoplus ⨁
			bigotimes ⨂ bigodot ⨀ biguplus ⨄ bigsqcup ⨆`,
		opening: `{ { lbrace { langle ⟨ lfloor ⌊ lceil ⌈ lvert | lVert ‖ lbrack [`,
		closing: `} } rbrace } rangle ⟩ rfloor ⌋ rceil ⌉ rvert | rVert ‖ rbrack ]`,
	} {
		words := strings.Fields(pairs)
		for i := 0; i+1 < len(words); i += 2 {
			m[words[i]] = symbol{words[i+1], c}
		}
	}
	return m
})

// classes are the classes of the symbols, for authors who type the character.
var classes = sync.OnceValue(func() map[string]class {
	m := map[string]class{}
	for _, s := range symbols() {
		if s.class == binary || s.class == relation || s.class == large || strings.ContainsAny(s.text, "⟨⟩⌊⌋⌈⌉") {
			m[s.text] = s.class
		}
	}
	return m
})

// classOf is the class of a character that is typed as itself.
func classOf(character string) class { return classes()[character] }
