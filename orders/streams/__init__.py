"""Live events to whoever watches: Socket.IO and plain WebSockets over one subscription object.

Every connection sees each event of an order exactly once, in order, without a gap.
"""
