from campaigns.management.commands._steer import SteerCommand


class Command(SteerCommand):
    help = "Launches a draft campaign."
    action = "launch"
    done = "launched"
