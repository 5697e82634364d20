"""Writes a repository of plain manifests, as large as wanted and always the same."""

from __future__ import annotations

from pathlib import Path

_WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: {namespace}
  labels:
    app.kubernetes.io/name: {name}
    app.kubernetes.io/part-of: shop
spec:
  replicas: {replicas}
  revisionHistoryLimit: 5
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxSurge: 1
      maxUnavailable: 0
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {name}
        app.kubernetes.io/part-of: shop
      annotations:
        prometheus.io/scrape: "true"
    spec:
      serviceAccountName: {name}
      terminationGracePeriodSeconds: 45
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: topology.kubernetes.io/zone
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              app.kubernetes.io/name: {name}
      containers:
        - name: app
          image: registry.example.com:5000/shop/{name}:{tag}
          ports:
            - name: http
              containerPort: 8080
          env:
            - name: LOG_LEVEL
              value: info
            - name: DATABASE_URL
              valueFrom:
                secretKeyRef:
                  name: {name}
                  key: url
          readinessProbe:
            httpGet:
              path: /ready
              port: http
          livenessProbe:
            httpGet:
              path: /{live}
              port: http
            failureThreshold: 5
          resources:
            requests:
              cpu: 100m
              memory: 128Mi
            limits:
              memory: 256Mi
        - name: metrics
          image: registry.example.com:5000/shop/exporter
          resources:
            requests: {{cpu: 10m, memory: 16Mi}}
---
apiVersion: v1
kind: Service
metadata:
  name: {name}
  namespace: {namespace}
spec:
  selector:
    app.kubernetes.io/name: {name}
  ports:
    - name: http
      port: 80
      targetPort: http
"""
_AUTOSCALER = """\
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {name}
  namespace: {namespace}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {name}
  minReplicas: {replicas}
  maxReplicas: 10
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: 80
"""
_BUDGET = """\
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {name}
  namespace: {namespace}
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
"""


def write(folder: Path, workloads: int) -> int:
    """Write a file for each workload, in folders of a hundred.

    Args:
        folder: where to; it is made.
        workloads: how many.

    Returns:
        The number of documents: 2.8 for each workload.
    """
    documents = 0
    for number in range(workloads):
        values = {
            "name": f"service-{number:05}",
            "namespace": f"team-{number % 20:02}",
            "replicas": 1 + number % 3,
            "tag": "latest" if number % 7 == 0 else "1.4.2",
            "live": "ready" if number % 5 == 0 else "live",
        }
        parts = [_WORKLOAD]
        if number % 10 in {0, 1, 2}:
            parts.append(_AUTOSCALER)
        if number % 2:
            parts.append(_BUDGET)
        documents += 1 + len(parts)
        file = folder / f"{number // 100:03}" / f"{values['name']}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(parts).format(**values), encoding="utf-8")
    return documents
