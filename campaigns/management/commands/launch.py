"""Launch a draft campaign."""

from campaigns import control
from campaigns.steering import SteeringCommand


class Command(SteeringCommand):
    help = "Launch a draft campaign."
    act = staticmethod(control.launch)
    done = "launched"
