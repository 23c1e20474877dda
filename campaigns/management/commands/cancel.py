"""End a campaign; what has not gone out never will."""

from campaigns import control
from campaigns.steering import SteeringCommand


class Command(SteeringCommand):
    help = "End a campaign; what has not gone out never will."
    act = staticmethod(control.cancel)
    done = "cancelled"
