vcl 4.1;

# Varnish before Orthanc with the response cache. Orthanc listens on 127.0.0.1:8042; start it with
#   varnishd -a 127.0.0.1:8080 -f /etc/varnish/orthanc.vcl -s malloc,1g
# Tested by build/front.sh.
#
# Varnish keeps what has a validator and asks Orthanc before each use with If-None-Match, together with the credentials of who asks now. Orthanc
# answers 304 without a body, or something else, which is what the client then gets. So nobody reads what has changed, and nobody what
# Orthanc would not give to him.

backend orthanc {
    .host = "127.0.0.1";
    .port = "8042";
    .first_byte_timeout = 1h;
    .between_bytes_timeout = 1h;
}

sub vcl_recv {
    unset req.http.X-Stored;
    if (req.method == "GET" || req.method == "HEAD") {
        # The JSON of the resources, and rendered images. Archives are large and differ from one time to the next.
        if (req.url ~ "^/(patients|studies|series)/[^/?]+/(attachments|instances-tags|shared-tags)(\?|$)"
            || req.url ~ "^/instances/[^/?]+/(attachments|tags|simplified-tags|header|metadata|preview|frames|frames/[^?]*)(\?|$)") {
            set req.http.X-Stored = "1";
            # Whoever waits for another's fetch may not have its response, so nobody waits.
            set req.hash_ignore_busy = true;
            # Also with "Authorization", which Varnish would pass by itself: Orthanc sees it at every use.
            return (hash);
        }
    }
    if (req.http.Upgrade ~ "(?i)websocket") {
        return (pipe);
    }
    return (pass);
}

sub vcl_hash {
    # Tokens and jQuery's time stamp are not part of what is asked for. Orthanc still gets them.
    hash_data(regsuball(req.url, "(?i)([?&])(_|token|auth-token|authorization|access_token)=[^&]*", "\1"));
    return (lookup);
}

sub vcl_hit {
    # Found fresh: by a request that came in while another's response was on its way. Orthanc has not been asked for this one. A moment later it
    # is not fresh any more.
    if (req.restarts < 2) {
        return (restart);
    }
    return (pass);
}

sub vcl_backend_fetch {
    unset bereq.http.X-Stored;
}

sub vcl_backend_response {
    set beresp.ttl = 0s;
    set beresp.grace = 0s;
    if (beresp.status == 200 && beresp.http.ETag && !bereq.uncacheable) {
        # Kept to be asked about. Varnish does not look at what was never fresh at all, so it is for a moment, which vcl_hit sees to.
        set beresp.ttl = 0.001ms;
        set beresp.keep = 7d;
        if (beresp.was_304) {
            set beresp.http.X-Cache-Status = "REVALIDATED";
        } else {
            set beresp.http.X-Cache-Status = "MISS";
        }
    } else {
        # It takes the place of what was stored: after a refusal the next who may have it gets it whole from Orthanc.
        set beresp.keep = 0s;
        set beresp.uncacheable = true;
        set beresp.do_stream = true;
    }
    # Not the built-in rules: they would not keep what says "private" or "no-cache".
    return (deliver);
}

sub vcl_deliver {
    # What Varnish got is what Orthanc said just now.
    unset resp.http.Age;
    unset resp.http.Via;
    unset resp.http.X-Varnish;
}
