/*
 * Lets WebKitWebDriver steer the window of an unchanged production program.
 *
 * Loaded with LD_PRELOAD, it stands before WebKit's constructor of a web view.
 * The view that comes out is the same but for one property that can only be set
 * at construction: that it is controlled by automation. When the driver's session
 * starts and asks for a view, it is handed this one instead of a new window.
 *
 * The driver and WebKit find each other by the variable WEBKIT_INSPECTOR_SERVER,
 * which fieldpay takes out of its environment, first thing, for good reason. Here
 * it stays.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>
#include <webkit2/webkit2.h>

int unsetenv(const char *name)
{
	static int (*next)(const char *);
	if (strcmp(name, "WEBKIT_INSPECTOR_SERVER") == 0)
		return 0;
	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "unsetenv");
	return next(name);
}

static WebKitWebView *hand_over(WebKitAutomationSession *session, gpointer view)
{
	(void)session;
	return WEBKIT_WEB_VIEW(view);
}

static void on_started(WebKitWebContext *context, WebKitAutomationSession *session, gpointer view)
{
	(void)context;
	WebKitApplicationInfo *info = webkit_application_info_new();
	webkit_application_info_set_name(info, "fieldpay");
	webkit_automation_session_set_application_info(session, info);
	webkit_application_info_unref(info);
	g_signal_connect(session, "create-web-view", G_CALLBACK(hand_over), view);
}

GtkWidget *webkit_web_view_new_with_user_content_manager(WebKitUserContentManager *manager)
{
	WebKitWebContext *context = webkit_web_context_get_default();
	gpointer view = g_object_new(WEBKIT_TYPE_WEB_VIEW,
		"web-context", context,
		"user-content-manager", manager,
		"is-controlled-by-automation", TRUE,
		NULL);
	webkit_web_context_set_automation_allowed(context, TRUE);
	g_signal_connect(context, "automation-started", G_CALLBACK(on_started), view);
	return GTK_WIDGET(view);
}
