package transfer

// What the tests look at from outside.
type Fields = fields

func Parse(data []byte) (Fields, string, error) {
	doc, err := parse(data)
	return doc.fields, doc.body, err
}

var (
	ParseDate      = parseDate
	FirstHeading   = firstHeading
	SiteDirectives = siteDirectives
	HTMLToMarkdown = htmlToMarkdown
)
