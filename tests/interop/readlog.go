// SPDX-License-Identifier: Apache-2.0

// Command readlog reads a log of ours with the packages of Go's checksum
// database: golang.org/x/mod/sumdb/note and golang.org/x/mod/sumdb/tlog.
//
//	readlog FOLDER VKEY PROOFS.json
//
// It opens the checkpoint, reads the tiles with tlog's own verifying reader,
// and checks our proofs and entries. It prints how much was checked.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

type proofs struct {
	Records []struct {
		Index int64    `json:"index"`
		Path  []string `json:"path"`
	} `json:"records"`
	Trees []struct {
		Size int64    `json:"size"`
		Path []string `json:"path"`
	} `json:"trees"`
}

type tiles struct{ folder string }

func (t tiles) Height() int { return height }

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// ReadTiles maps tlog's paths (tile/8/0/000) to those of C2SP (tile/0/000).
func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1)
		data, err := os.ReadFile(filepath.Join(t.folder, path))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func hashes(texts []string) []tlog.Hash {
	var found []tlog.Hash
	for _, text := range texts {
		hash, err := tlog.ParseHash(text)
		must(err)
		found = append(found, hash)
	}
	return found
}

func openCheckpoint(folder, vkey string) tlog.Tree {
	data, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	must(err)
	verifier, err := note.NewVerifier(vkey)
	must(err)
	opened, err := note.Open(data, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	if lines[0] != verifier.Name() {
		log.Fatal("the origin is not the name of the key")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	must(err)
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], root)
	return tree
}

// entry reads one entry out of its bundle, from the partial file at the end.
func entry(folder string, index, size int64) []byte {
	tile := tlog.Tile{H: height, L: 0, N: index >> height, W: 1 << height}
	if rest := size - tile.N<<height; rest < 1<<height {
		tile.W = int(rest)
	}
	path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/0/", height), "tile/entries/", 1)
	data, err := os.ReadFile(filepath.Join(folder, path))
	must(err)
	for skip := index - tile.N<<height; skip > 0; skip-- {
		data = data[2+binary.BigEndian.Uint16(data):]
	}
	return data[2 : 2+binary.BigEndian.Uint16(data)]
}

func main() {
	folder, vkey := os.Args[1], os.Args[2]
	tree := openCheckpoint(folder, vkey)
	reader := tlog.TileHashReader(tree, tiles{folder})
	data, err := os.ReadFile(os.Args[3])
	must(err)
	var ours proofs
	must(json.Unmarshal(data, &ours))
	for _, record := range ours.Records {
		leaf := tlog.RecordHash(entry(folder, record.Index, tree.N))
		path := hashes(record.Path)
		must(tlog.CheckRecord(path, tree.N, tree.Hash, record.Index, leaf))
		theirs, err := tlog.ProveRecord(tree.N, record.Index, reader)
		must(err)
		same(path, theirs)
	}
	for _, old := range ours.Trees {
		root, err := tlog.TreeHash(old.Size, reader)
		must(err)
		path := hashes(old.Path)
		must(tlog.CheckTree(path, tree.N, tree.Hash, old.Size, root))
		theirs, err := tlog.ProveTree(tree.N, old.Size, reader)
		must(err)
		same(path, theirs)
	}
	fmt.Printf("%d %d %d\n", tree.N, len(ours.Records), len(ours.Trees))
}

func same(ours, theirs []tlog.Hash) {
	if len(ours) != len(theirs) {
		log.Fatal("the proofs differ in length")
	}
	for i := range ours {
		if !bytes.Equal(ours[i][:], theirs[i][:]) {
			log.Fatal("the proofs differ")
		}
	}
}
