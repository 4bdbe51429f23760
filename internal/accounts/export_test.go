package accounts

var MakeHandle = makeHandle
