"""Published checkpoints to bundles: graphs are written operator by operator, weights streamed tensor by tensor."""
