from campaigns.management.commands._steer import SteerCommand


class Command(SteerCommand):
    help = "Lets a paused campaign go on."
    action = "resume"
    done = "resumed"
