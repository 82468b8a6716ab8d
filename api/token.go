package api

import "context"

// token returns an access token. The wait for one can take minutes (Zoho gives ten in ten minutes), so it ends when the
// pacer stops.
func (c *Client) token(ctx context.Context) (string, *fault) {
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-c.pacer.Stopped():
			cancel()
		case <-waiting.Done():
		}
	}()
	token, err := c.tokens.Token(waiting)
	if err == nil {
		return token, nil
	}
	if waiting.Err() != nil && ctx.Err() == nil {
		return "", &fault{kind: kindCancelled, unsent: true, stop: c.pacer.Pause(ctx, 0)}
	}
	return "", classifyToken(ctx, err)
}
