"""Hold back what has not gone out yet."""

from campaigns import control
from campaigns.steering import SteeringCommand


class Command(SteeringCommand):
    help = "Hold back what has not gone out yet."
    act = staticmethod(control.pause)
    done = "paused"
