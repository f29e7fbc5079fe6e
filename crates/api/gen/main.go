// Command gen writes the index of Go packages that gopeer ships: one file per module in static/api, and index.tsv, which
// lists them. `cargo dev generate` runs it; src/format.rs describes the files.
//
//	go run . [-out DIR] [-facts DIR] [-sizes] [MODULE…]     writes the named modules, or all
//	go run . -dump [MODULE…]                                prints what go/types knows, to be compared with the reader's
//
// The versions of modules are those of go.mod; modules.go says which packages of each are kept, and what was cut. Types are
// those of linux/amd64. Kept of a package are its exported declarations, unexported types that these reach, and unexported
// methods that some interface of the module asks for. Fields that promote nothing and cannot be named from outside are
// summed up; struct tags and string constants beyond 4 KB are left away.
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	log.SetFlags(0)
	out := flag.String("out", "../../../static/api", "folder of the index files")
	factsDir := flag.String("facts", "../facts", "folder of the hand-kept facts")
	dump := flag.Bool("dump", false, "print what go/types knows of the modules, and write nothing")
	sizes := flag.Bool("sizes", false, "print the packed size of each stream")
	flag.Parse()
	facts, settings, factsHash, err := readFacts(*factsDir)
	if err != nil {
		log.Fatal(err)
	}
	manifest := filepath.Join(*out, "index.tsv")
	entries := readManifest(manifest)
	var chosen []module
	for _, module := range modules {
		if flag.NArg() == 0 || slices.Contains(flag.Args(), module.path) {
			chosen = append(chosen, module)
		}
	}
	for _, name := range flag.Args() {
		if !slices.ContainsFunc(chosen, func(module module) bool { return module.path == name }) {
			log.Fatalf("%s is not in modules.go", name)
		}
	}
	fset, roots, err := load(chosen)
	if err != nil {
		log.Fatal(err)
	}
	var read []*index
	for _, module := range chosen {
		index, err := newIndex(module, facts, fset, roots)
		if err != nil {
			log.Fatalf("%s: %v", module.path, err)
		}
		if err := index.keepDefaults(settings); err != nil {
			log.Fatal(err)
		}
		read = append(read, index)
		if *dump {
			fmt.Print(index.text())
			continue
		}
		raw, streams := index.encode()
		packed := pack(raw)
		if *sizes {
			for number, stream := range streams {
				log.Printf("  %-8s %7d raw %6d gz", streamNames[number], len(stream), len(pack(stream)))
			}
		}
		log.Printf("%-50s %8d raw %7d gz  %d packages", module.path, len(raw), len(packed), len(index.packages))
		if err := os.WriteFile(filepath.Join(*out, module.stem+".bin.gz"), packed, 0o644); err != nil {
			log.Fatal(err)
		}
		entries[module.path] = entry(module, index, raw, packed)
	}
	if *dump {
		return
	}
	if unused := facts.unused(read, len(chosen) == len(modules)); unused != nil {
		log.Fatalf("facts about what no module declares: %s", strings.Join(unused, ", "))
	}
	if err := writeManifest(manifest, entries, factsHash); err != nil {
		log.Fatal(err)
	}
}

// pack is gzip at its best, without a time, so that the same input gives the same bytes.
func pack(raw []byte) []byte {
	var buffer bytes.Buffer
	writer, _ := gzip.NewWriterLevel(&buffer, gzip.BestCompression)
	writer.Write(raw)
	writer.Close()
	return buffer.Bytes()
}

// entry is a module's line of the manifest: path, version, stem, hash of the packed file, sizes raw and packed, prefixes
// of the import paths it serves, and the packages whose name is not their path's last element.
func entry(module module, index *index, raw, packed []byte) string {
	var names []string
	for _, pkg := range index.packages {
		if pkg.listed && pkg.types.Name() != impliedName(pkg.path) {
			names = append(names, pkg.path+"="+pkg.types.Name())
		}
	}
	return strings.Join([]string{
		module.path, index.version, module.stem, fmt.Sprintf("%x", sha256.Sum256(packed)),
		fmt.Sprint(len(raw)), fmt.Sprint(len(packed)), strings.Join(module.prefixes(), " "), strings.Join(names, " "),
	}, "\t")
}

// impliedName is what gopeer takes a package's name for if it has only its import path (src/packages.rs).
func impliedName(path string) string {
	elements := strings.Split(path, "/")
	last := elements[len(elements)-1]
	if len(elements) > 1 && isMajor(last, "v") {
		last = elements[len(elements)-2]
	}
	if name, version, found := strings.Cut(last, "."); found && isMajor(version, "v") {
		last = name
	}
	return last
}

func isMajor(text, prefix string) bool {
	digits, found := strings.CutPrefix(text, prefix)
	return found && digits != "" && strings.Trim(digits, "0123456789") == ""
}

const manifestHead = "# Written by crates/api/gen: module, version, stem, sha256 of the packed file, raw bytes, packed bytes, " +
	"import path prefixes, package names that the path does not tell.\n"

func readManifest(file string) map[string]string {
	entries := map[string]string{}
	text, _ := os.ReadFile(file)
	for _, line := range strings.Split(string(text), "\n") {
		if line != "" && line[0] != '#' {
			path, _, _ := strings.Cut(line, "\t")
			entries[path] = line
		}
	}
	return entries
}

// writeManifest keeps the lines of modules that were not written now, and drops those that are no longer listed.
func writeManifest(file string, entries map[string]string, factsHash string) error {
	var text strings.Builder
	text.WriteString(manifestHead + "# facts " + factsHash + "\n")
	for _, module := range modules {
		if line := entries[module.path]; line != "" {
			text.WriteString(line + "\n")
		}
	}
	return os.WriteFile(file, []byte(text.String()), 0o644)
}
