package job

// rowSet is a set of row numbers, one bit a row: 125 kB for a million rows.
type rowSet struct{ bits []uint64 }

func (s *rowSet) add(row int64) {
	i := int(row / 64)
	if i >= len(s.bits) {
		s.bits = append(s.bits, make([]uint64, i+1-len(s.bits))...)
	}
	s.bits[i] |= 1 << (row % 64)
}

func (s *rowSet) has(row int64) bool {
	i := int(row / 64)
	return i < len(s.bits) && s.bits[i]&(1<<(row%64)) != 0
}
