from campaigns.models.campaign import Arm, Assignment, Campaign, CampaignState, Step, StepText
from campaigns.models.clicks import Click
from campaigns.models.conversation import Conversation, ReadyAnswer, Reply
from campaigns.models.inbound import Inbound
from campaigns.models.outbox import Event, Message, MessageState
from campaigns.models.review import ReviewedText
from campaigns.models.sending import (
    CampaignHealth,
    Sender,
    SenderBudget,
    SenderDay,
    WorkerHeartbeat,
)
from campaigns.models.shared import PackVersion, PublishedPack, SavedAudience

__all__ = [
    "Arm",
    "Assignment",
    "Campaign",
    "CampaignHealth",
    "CampaignState",
    "Click",
    "Conversation",
    "Event",
    "Inbound",
    "Message",
    "MessageState",
    "PackVersion",
    "PublishedPack",
    "ReadyAnswer",
    "Reply",
    "ReviewedText",
    "SavedAudience",
    "Sender",
    "SenderBudget",
    "SenderDay",
    "Step",
    "StepText",
    "WorkerHeartbeat",
]
