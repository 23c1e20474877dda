"""Pages of people and set-up."""

from django.urls import URLPattern, path

from schools.views import dates, people, setup, web_address

urlpatterns: list[URLPattern] = [
    path("people/", people.show_all, name="people"),
    path("people/<int:pk>/", people.show, name="person"),
    path("people/roles/<int:pk>/take/", people.take, name="role-take"),
    path("settings/", setup.settings_home, name="settings"),
    path("settings/districts/<str:nces_id>/", setup.district, name="district-settings"),
    path("settings/districts/<str:nces_id>/sending/", dates.sending, name="district-sending"),
    path("settings/districts/<str:nces_id>/address/", web_address.show, name="district-address"),
    path("here/<str:token>/", web_address.prove, name="address-proof"),
    path("settings/silent-days/<int:pk>/remove/", dates.blackout_remove, name="blackout-remove"),
    path("settings/deadlines/", dates.deadlines, name="deadlines"),
    path("settings/deadlines/<int:pk>/remove/", dates.deadline_remove, name="deadline-remove"),
    path("settings/regions/", setup.regions, name="regions"),
    path("audit/", setup.audit_trail, name="audit"),
    path("demo/sign-in/<slug:key>/", people.demo_sign_in, name="demo-sign-in"),
]
