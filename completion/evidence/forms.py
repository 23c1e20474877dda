"""What a draft campaign will be judged by, as a form."""

from __future__ import annotations

from django import forms

from completion.models import Plan


class PlanForm(forms.ModelForm):
    class Meta:
        model = Plan
        fields = ("outcome", "horizon_days", "expected_percent", "alike_percent")
