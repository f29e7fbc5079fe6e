package main

import "golang.org/x/tools/go/cfg"

// nodeParents says of each node of each block which node is the last that dominates it strictly, by numbers that count the
// nodes of all blocks in order; -1 where there is none, or the node cannot be reached.
func nodeParents(graph *cfg.CFG) [][]int {
	idoms := dominators(graph)
	first := make([]int, len(graph.Blocks))
	count := 0
	for b, block := range graph.Blocks {
		first[b] = count
		count += len(block.Nodes)
	}
	parents := make([][]int, len(graph.Blocks))
	for b, block := range graph.Blocks {
		parents[b] = make([]int, len(block.Nodes))
		for i := range block.Nodes {
			switch {
			case !block.Live:
				parents[b][i] = -1
			case i > 0:
				parents[b][i] = first[b] + i - 1
			default:
				parents[b][i] = lastAbove(graph, idoms, first, b)
			}
		}
	}
	return parents
}

// lastAbove is the last node of the nearest block above in the tree that has one.
func lastAbove(graph *cfg.CFG, idoms, first []int, b int) int {
	for b != 0 {
		b = idoms[b]
		if n := len(graph.Blocks[b].Nodes); n > 0 {
			return first[b] + n - 1
		}
	}
	return -1
}

// dominators are the immediate dominators of the blocks that can be reached, after Cooper, Harvey and Kennedy, "A Simple, Fast
// Dominance Algorithm".
func dominators(graph *cfg.CFG) []int {
	order, number := postorder(graph)
	before := make([][]int, len(graph.Blocks))
	for b, block := range graph.Blocks {
		for _, next := range block.Succs {
			if block.Live {
				before[next.Index] = append(before[next.Index], b)
			}
		}
	}
	idoms := make([]int, len(graph.Blocks))
	for b := range idoms {
		idoms[b] = -1
	}
	idoms[0] = 0
	for changed := true; changed; {
		changed = false
		for i := len(order) - 2; i >= 0; i-- {
			b, idom := order[i], -1
			for _, p := range before[b] {
				switch {
				case idoms[p] < 0:
				case idom < 0:
					idom = p
				default:
					idom = meet(idoms, number, p, idom)
				}
			}
			if idoms[b] != idom {
				idoms[b], changed = idom, true
			}
		}
	}
	return idoms
}

func meet(idoms, number []int, a, b int) int {
	for a != b {
		for number[a] < number[b] {
			a = idoms[a]
		}
		for number[b] < number[a] {
			b = idoms[b]
		}
	}
	return a
}

// postorder lists the blocks that can be reached, the first of them last, and says at which place each is.
func postorder(graph *cfg.CFG) (order, number []int) {
	type visit struct{ block, next int }
	seen := make([]bool, len(graph.Blocks))
	number = make([]int, len(graph.Blocks))
	open := []visit{{0, 0}}
	seen[0] = true
	for len(open) > 0 {
		top := &open[len(open)-1]
		succs := graph.Blocks[top.block].Succs
		if top.next == len(succs) {
			number[top.block] = len(order)
			order = append(order, top.block)
			open = open[:len(open)-1]
			continue
		}
		next := int(succs[top.next].Index)
		top.next++
		if !seen[next] {
			seen[next] = true
			open = append(open, visit{next, 0})
		}
	}
	return order, number
}
