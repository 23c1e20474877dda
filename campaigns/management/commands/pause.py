from campaigns.management.commands._steer import SteerCommand


class Command(SteerCommand):
    help = "Pauses a running campaign at once."
    action = "pause"
    done = "paused"
