package api

import "context"

// token gives an access token. Waiting for one can take minutes (Zoho gives ten
// in ten minutes), so it ends when the pacer lets nothing start any more.
func (c *Client) token(ctx context.Context) (string, *fault) {
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-c.pacer.stopped:
			cancel()
		case <-waiting.Done():
		}
	}()
	token, err := c.tokens.Token(waiting)
	if err == nil {
		return token, nil
	}
	if waiting.Err() != nil && ctx.Err() == nil {
		c.pacer.mu.Lock()
		defer c.pacer.mu.Unlock()
		return "", &fault{kind: kindCancelled, unsent: true, stop: c.pacer.stop}
	}
	return "", classifyToken(ctx, err)
}
