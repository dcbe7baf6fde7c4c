#!/usr/bin/env python3
"""nginx before a registry, on a free port, with a limit on the size of requests. This process becomes nginx.

usage: nginx_limit.py BACKEND FOLDER LIMIT

Lines of FOLDER/nginx.log: `METHOD STATUS`.
"""
import os, socket, sys

backend, folder, limit = sys.argv[1:4]
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(128)
os.set_inheritable(listener.fileno(), True)
paths = "".join(
    f"{name}_temp_path {folder}/nginx-{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
)
with open(f"{folder}/nginx.conf", "w") as file:
    file.write(f"""
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx-error.log; events {{}}
http {{
    log_format short '$request_method $status'; access_log {folder}/nginx.log short; {paths}
    server {{
        listen 127.0.0.1:{listener.getsockname()[1]}; client_max_body_size {limit};
        location / {{
            proxy_pass http://{backend}; proxy_set_header Host $http_host;
            proxy_http_version 1.1; proxy_request_buffering off;
        }}
    }}
}}
""")
# nginx takes over the sockets that this variable names.
os.environ["NGINX"] = f"{listener.fileno()};"
os.environ["PATH"] = os.environ.get("PATH", "") + ":/usr/sbin"
os.execvp("nginx", ["nginx", "-e", f"{folder}/nginx-error.log", "-c", f"{folder}/nginx.conf"])
