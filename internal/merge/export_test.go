package merge

var (
	Words = words
	Lines = lines
)

const MaxConflicts = maxConflicts
