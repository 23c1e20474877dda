"""Go on with a paused campaign."""

from campaigns import control
from campaigns.steering import SteeringCommand


class Command(SteeringCommand):
    help = "Go on with a paused campaign."
    act = staticmethod(control.resume)
    done = "resumed"
