package export

import "errors"

// rowsAhead is how many rows are taken out of the store at a time.
const rowsAhead = 256

// errNoMore ends the reading of rows that nobody wants any more.
var errNoMore = errors.New("no more rows are wanted")

// eachRow hands out what is exported, by deal, then contact. The rows are read ahead by somebody else: nothing is waited for at the end of an export but this.
func (s store) eachRow(each func(*row) error) error {
	batches, over, read := make(chan []row, 4), make(chan struct{}), make(chan error, 1)
	go func() {
		err := s.readRows(batches, over)
		close(batches)
		read <- err
	}()
	var err error
	for batch := range batches {
		for i := range batch {
			if err == nil {
				if err = each(&batch[i]); err != nil {
					close(over)
				}
			}
		}
	}
	if e := <-read; err == nil {
		err = e
	}
	return err
}

// readRows reads the rows, until they end or are over.
func (s store) readRows(batches chan<- []row, over <-chan struct{}) error {
	var batch []row
	hand := func() error {
		select {
		case batches <- batch:
			batch = make([]row, 0, rowsAhead)
			return nil
		case <-over:
			return errNoMore
		}
	}
	err := s.rows(func(r row) error {
		if batch = append(batch, r); len(batch) == rowsAhead {
			return hand()
		}
		return nil
	})
	if err == nil && len(batch) > 0 {
		err = hand()
	}
	return err
}
