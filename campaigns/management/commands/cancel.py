from campaigns.management.commands._steer import SteerCommand


class Command(SteerCommand):
    help = "Cancels a campaign; what has not gone out never will."
    action = "cancel"
    done = "cancelled"
