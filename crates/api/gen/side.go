package main

import (
	"crypto/sha256"
	"fmt"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sort"
	"strings"

	"github.com/BurntSushi/toml"
)

// since holds the minor version of Go that brought `path.Name` or `path.Type.Method`, from GOROOT/api.
type since map[string]int

func readSince() since {
	found := since{}
	for minor := 1; ; minor++ {
		text, err := os.ReadFile(filepath.Join(runtime.GOROOT(), "api", fmt.Sprintf("go1.%d.txt", minor)))
		if err != nil {
			break
		}
		for _, line := range strings.Split(string(text), "\n") {
			if name := apiName(line); name != "" && found[name] == 0 {
				found[name] = minor
			}
		}
	}
	text, _ := os.ReadFile(filepath.Join(runtime.GOROOT(), "api", "go1.txt"))
	for _, line := range strings.Split(string(text), "\n") {
		delete(found, apiName(line))
	}
	return found
}

// apiName is what a line of an API file adds: `pkg net/http, method (*Client) Get(string) (*Response, error)`.
func apiName(line string) string {
	line, found := strings.CutPrefix(line, "pkg ")
	path, rest, comma := strings.Cut(line, ", ")
	if !found || !comma {
		return ""
	}
	path, _, _ = strings.Cut(path, " ")
	kind, rest, _ := strings.Cut(rest, " ")
	ident := func(text string) string {
		if end := strings.IndexFunc(text, func(r rune) bool { return r != '_' && !isLetterOrDigit(r) }); end >= 0 {
			return text[:end]
		}
		return text
	}
	switch kind {
	case "func", "const", "var":
		return path + "." + ident(rest)
	case "type":
		if strings.HasPrefix(afterName(rest), "struct,") {
			return "" // a field
		}
		if method, found := strings.CutPrefix(afterName(rest), "interface, "); found {
			return path + "." + ident(rest) + "." + ident(method)
		}
		return path + "." + ident(rest)
	case "method":
		receiver, method, _ := strings.Cut(strings.TrimPrefix(rest, "("), ") ")
		return path + "." + ident(strings.TrimPrefix(receiver, "*")) + "." + ident(method)
	}
	return ""
}

func afterName(text string) string {
	_, rest, _ := strings.Cut(text, " ")
	return rest
}

func isLetterOrDigit(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r > 127
}

// fact is what is known by hand of a function or method.
type fact struct {
	path       string
	bits       uint
	deprecated string
	used       bool
}

// facts by `path.Name` or `path.Type.Method`.
type facts map[string]*fact

// defaults by import path and setting, `.Type.Field`, how values are released, by `.Type`, and what input from outside does,
// by `:Type.Method`, and the effects of functions and
// methods, by `Name` and `Type.Name`.
type defaults map[string]pairs

// pairs of a name and what is known of it.
type pairs map[string]string

// readTaint adds what input from outside does in a package: for each role, the functions, methods, fields and types that
// have it. One with several roles has them in one text, with semicolons between.
func (p pairs) readTaint(table any) {
	roles, _ := table.(map[string]any)
	for _, role := range slices.Sorted(maps.Keys(roles)) {
		names, _ := roles[role].([]any)
		for _, name := range names {
			key := ":" + fmt.Sprint(name)
			if p[key] != "" {
				p[key] += "; "
			}
			p[key] += role
		}
	}
}

// factNames in the order of their bits: Facts::NAMES of src/facts.rs.
var factNames = []string{"exits", "must-check", "must-close", "blocks", "spawns", "pure", "unwinds",
	"serves", "consumes", "never-fails"}

// readFacts reads DIR/*.toml: a table a package, in it a list of names for each fact, and `deprecated-for`, a table of
// texts; `defaults`, another one, says what a library sets a setting to, `releases` how the values of a type are released,
// `taint` what input from outside does there, and `effects` what calls do outside of the process. It also gives the hash of
// all of it.
func readFacts(dir string) (facts, defaults, string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.toml"))
	if err != nil {
		return nil, nil, "", err
	}
	sort.Strings(files)
	found, settings, hash := facts{}, defaults{}, sha256.New()
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, nil, "", err
		}
		hash.Write(text)
		var tables map[string]map[string]any
		if err := toml.Unmarshal(text, &tables); err != nil {
			return nil, nil, "", fmt.Errorf("%s: %w", file, err)
		}
		for path, table := range tables {
			if settings[path] == nil {
				settings[path] = pairs{}
			}
			for _, kind := range []string{"defaults", "releases"} {
				texts, _ := table[kind].(map[string]any)
				for name, text := range texts {
					settings[path]["."+name] = fmt.Sprint(text)
				}
				delete(table, kind)
			}
			settings[path].readTaint(table["taint"])
			delete(table, "taint")
			if err := settings.readEffects(path, table); err != nil {
				return nil, nil, "", err
			}
			if err := found.read(path, table); err != nil {
				return nil, nil, "", fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	return found, settings, fmt.Sprintf("%x", hash.Sum(nil)), nil
}

// readEffects takes the effects out of the table of a package: for each, the functions and methods that have it. One name
// may have several, which are joined by spaces.
func (d defaults) readEffects(path string, table map[string]any) error {
	effects, _ := table["effects"].(map[string]any)
	delete(table, "effects")
	for _, effect := range slices.Sorted(maps.Keys(effects)) {
		functions, ok := effects[effect].([]any)
		if !ok {
			return fmt.Errorf("%s: the effect `%s` has no list of functions", path, effect)
		}
		for _, function := range functions {
			name := "." + fmt.Sprint(function)
			d[path][name] = strings.TrimSpace(d[path][name] + " " + effect)
		}
	}
	return nil
}

func (f facts) read(path string, table map[string]any) error {
	at := func(name string) *fact {
		name = path + "." + name
		if f[name] == nil {
			f[name] = &fact{path: path}
		}
		return f[name]
	}
	for key, value := range table {
		if texts, ok := value.(map[string]any); ok && key == "deprecated-for" {
			for name, text := range texts {
				at(name).deprecated = fmt.Sprint(text)
			}
			continue
		}
		list, ok := value.([]any)
		number := -1
		for candidate, name := range factNames {
			if name == key {
				number = candidate
			}
		}
		if !ok || number < 0 {
			return fmt.Errorf("%s: `%s` is no list of a known fact", path, key)
		}
		for _, name := range list {
			at(fmt.Sprint(name)).bits |= 1 << number
		}
	}
	return nil
}

func (f facts) take(name string) fact {
	if known := f[name]; known != nil {
		known.used = true
		return *known
	}
	return fact{}
}

// unused lists facts that fit no function: those about packages of these modules, or all of them.
func (f facts) unused(read []*index, all bool) []string {
	var names []string
	for name, fact := range f {
		about := func(x *index) bool {
			return slices.ContainsFunc(x.packages, func(p *pkg) bool { return p.path == fact.path })
		}
		if !fact.used && (all || slices.ContainsFunc(read, about)) {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}

// keepDefaults takes over what is known of the settings of these packages. A name that a package does not have is an error.
func (x *index) keepDefaults(known defaults) error {
	for _, p := range x.packages {
		for name, text := range known[p.path] {
			if !hasField(p.types, strings.Split(name[1:], ".")) {
				return fmt.Errorf("%s: %s is no field, function or type", p.path, name[1:])
			}
			x.defaults = append(x.defaults, p.path+name+"\t"+text)
		}
	}
	sort.Strings(x.defaults)
	return nil
}

// hasField reports whether the package has the type that the first name says, or the function, whose other names are a
// field, a field of that field, and so on.
func hasField(p *types.Package, names []string) bool {
	object := p.Scope().Lookup(names[0])
	if object == nil {
		return false
	}
	t := object.Type()
	for _, name := range names[1:] {
		field, _, _ := types.LookupFieldOrMethod(t, true, p, name)
		if _, isOption := p.Scope().Lookup(name).(*types.Func); field == nil && isOption {
			return len(names) == 2
		}
		if field == nil {
			return false
		}
		t = field.Type()
	}
	return true
}
