package markdown

import "strings"

// labels are the few words that rendering adds to a post, in its language. %s
// is a number or a text.
type labels struct {
	footnote, footnotes, back string
	openTask, doneTask        string
	table, formula, link      string
	callouts                  [5]string // in the order of calloutKinds
}

var labelsByLanguage = map[string]labels{
	"en": {"Footnote %s", "Footnotes", "Back to reference %s", "Open task", "Completed task", "Table %s", "Formula %s", "Link to %s",
		[...]string{"Note", "Tip", "Important", "Warning", "Caution"}},
	"de": {"Fußnote %s", "Fußnoten", "Zurück zum Verweis %s", "Offene Aufgabe", "Erledigte Aufgabe", "Tabelle %s", "Formel %s", "Link zu: %s",
		[...]string{"Hinweis", "Tipp", "Wichtig", "Warnung", "Vorsicht"}},
	"fr": {"Note %s", "Notes", "Retour à l’appel %s", "Tâche à faire", "Tâche terminée", "Tableau %s", "Formule %s", "Lien vers : %s",
		[...]string{"Remarque", "Astuce", "Important", "Avertissement", "Attention"}},
	"es": {"Nota %s", "Notas", "Volver a la llamada %s", "Tarea pendiente", "Tarea completada", "Tabla %s", "Fórmula %s", "Enlace a: %s",
		[...]string{"Nota", "Consejo", "Importante", "Advertencia", "Precaución"}},
	"ja": {"脚注 %s", "脚注", "参照 %s に戻る", "未完了のタスク", "完了したタスク", "表 %s", "数式 %s", "「%s」へのリンク",
		[...]string{"注記", "ヒント", "重要", "警告", "注意"}},
	"ar": {"حاشية %s", "الحواشي", "العودة إلى الإحالة %s", "مهمة لم تكتمل", "مهمة مكتملة", "جدول %s", "صيغة %s", "رابط إلى %s",
		[...]string{"ملاحظة", "نصيحة", "مهم", "تحذير", "تنبيه"}},
}

// labelsOf finds the labels for a BCP 47 tag, else the English ones.
func labelsOf(language string) labels {
	base, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(language, "_", "-")), "-")
	if words, ok := labelsByLanguage[base]; ok {
		return words
	}
	return labelsByLanguage["en"]
}

// say fills a label.
func say(label, what string) string { return strings.Replace(label, "%s", what, 1) }
