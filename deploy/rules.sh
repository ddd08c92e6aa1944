#!/bin/sh
# Writes components/monitoring/prometheus-rule.yaml anew from grafana/prometheus/rules.
cd "$(dirname "$0")" || exit 1
{
    echo '# Made by rules.sh from grafana/prometheus/rules; change them there.'
    printf 'apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: foliofleet\nspec:\n  groups:\n'
    for file in ../grafana/prometheus/rules/*.yaml; do
        sed -e '1,/^groups:/d' -e '/^$/d' -e 's/^/  /' "$file"
    done
} > components/monitoring/prometheus-rule.yaml
