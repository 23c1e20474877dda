from campaigns.models.campaign import Arm, Assignment, Campaign, CampaignState, Step, StepText
from campaigns.models.conversation import Reply
from campaigns.models.outbox import Event, Message, MessageState
from campaigns.models.sending import SenderBudget, WorkerHeartbeat

__all__ = [
    "Arm",
    "Assignment",
    "Campaign",
    "CampaignState",
    "Event",
    "Message",
    "MessageState",
    "Reply",
    "SenderBudget",
    "Step",
    "StepText",
    "WorkerHeartbeat",
]
