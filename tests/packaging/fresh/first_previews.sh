# The first preview of a program in each language, in an empty folder: `first_previews.sh DIST PROGRAMS`.
#
# Only the files of a release and the caches of the package registries are at hand. DIST is served as the host of the
# plugin's releases, and is the proxy of our Go module. Each line `== NAME` starts the output of one step.
set -eu
dist=$1 programs=$2
ip link set lo up
python3 -m http.server 8765 --bind 127.0.0.1 --directory "$dist" >/dev/null 2>&1 &
server=$!
trap 'kill $server' EXIT
until python3 -c 'import socket; socket.create_connection(("127.0.0.1", 8765))' 2>/dev/null; do sleep 0.1; done
export PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES='^github://api.github.com/pulumi-flyte/=http://127.0.0.1:8765'

step() {
    echo "== $1"
    shift
    started=$(date +%s.%N)
    "$@" 2>&1
    echo "seconds: $(echo "$(date +%s.%N) $started" | awk '{print $1 - $2}')"
}

for language in yaml typescript go; do
    mkdir "$language"
    cp "$programs/$language/"* "$programs/rates.py" "$language"
    cd "$language"
    case $language in
        typescript)
            step "install typescript" npm install --offline --silent --no-audit --no-fund \
                @pulumi/pulumi@3.259.0 typescript@4.9.5 @types/node@20 "$dist"/pulumi-flyte-flyte-*.tgz
            ;;
        go)
            export GOPROXY="file://$dist/go,file://$GOMODCACHE/cache/download" GOSUMDB=off
            go mod init fresh 2>/dev/null
            go mod edit -require=github.com/pulumi/pulumi/sdk/v3@v3.259.0
            step "install go" go mod tidy
            ;;
    esac
    mkdir "state of $language"
    export PULUMI_HOME="$PWD/pulumi home" PULUMI_BACKEND_URL="file://$PWD/state of $language"
    step "init $language" pulumi stack init dev --non-interactive
    step "preview $language" pulumi preview --non-interactive --color never
    step "again $language" pulumi preview --non-interactive --color never
    cd ..
done
