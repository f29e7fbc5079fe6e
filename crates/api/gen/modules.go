package main

// A module whose index is written.
type module struct {
	path string
	// stem is the name of its file.
	stem string
	// packages that are kept whole, as patterns of the go command. What their declarations reach in other packages of
	// the module is kept too, but only that.
	packages []string
	// also lists import path prefixes under which the same code is known.
	also []string
}

// prefixes of the import paths that the file answers for.
func (m module) prefixes() []string {
	return append([]string{m.path}, m.also...)
}

var modules = []module{
	{path: "std", stem: "std", packages: []string{"std"}},
}
