from campaigns.models.campaign import Arm, Assignment, Campaign, CampaignState, Step, StepText
from campaigns.models.conversation import Reply
from campaigns.models.outbox import Event, Message, MessageState
from campaigns.models.review import ReviewedText
from campaigns.models.sending import SenderBudget, WorkerHeartbeat
from campaigns.models.shared import PackVersion, PublishedPack, SavedAudience

__all__ = [
    "Arm",
    "Assignment",
    "Campaign",
    "CampaignState",
    "Event",
    "Message",
    "MessageState",
    "PackVersion",
    "PublishedPack",
    "Reply",
    "ReviewedText",
    "SavedAudience",
    "SenderBudget",
    "Step",
    "StepText",
    "WorkerHeartbeat",
]
