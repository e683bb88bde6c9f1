"""Live events over Socket.IO and plain WebSockets.

Every connection sees each event of an order exactly once, in order, without a gap.
"""
