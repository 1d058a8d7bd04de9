{{- define "culvert.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "culvert.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "culvert.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "culvert.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What all pods of the release have in common; `component` too where it is given: (dict "root" $ "component" "worker"). */}}
{{- define "culvert.selector" -}}
app.kubernetes.io/name: {{ include "culvert.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- with .pool }}
culvert.dev/pool: {{ . | quote }}
{{- end }}
{{- end -}}

{{- define "culvert.labels" -}}
{{ include "culvert.selector" . }}
app.kubernetes.io/version: {{ include "culvert.version" .root | quote }}
app.kubernetes.io/part-of: culvert
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | quote }}
{{- end -}}

{{/* Of a pod: what does not change with each release of the chart, or every upgrade would replace every pod. */}}
{{- define "culvert.podLabels" -}}
{{ include "culvert.selector" . }}
culvert.dev/job: culvert
culvert.dev/role: {{ .component }}
{{- end -}}

{{- define "culvert.version" -}}
{{- .Values.image.tag | default .Chart.AppVersion -}}
{{- end -}}

{{- define "culvert.secretName" -}}
{{- .Values.secret.existingSecret | default (printf "%s-secret" (include "culvert.fullname" .)) -}}
{{- end -}}

{{- define "culvert.redisSecretName" -}}
{{- .Values.redis.existingSecret | default (printf "%s-redis" (include "culvert.fullname" .)) -}}
{{- end -}}

{{- define "culvert.deployerManaged" -}}
{{- if eq .Values.workers.managedBy "deployer" }}true{{ end -}}
{{- end -}}

{{/* The environment of every role: (dict "root" $ "component" "worker" "version" "1.0.0" "id" "" ). */}}
{{- define "culvert.env" -}}
- name: CULVERT_NODE_ID
{{- if .id }}
  value: {{ .id | quote }}
{{- else }}
  valueFrom: { fieldRef: { fieldPath: metadata.name } }
{{- end }}
# Others reach a node by its pod's address.
- name: CULVERT_ADVERTISE_HOST
  valueFrom: { fieldRef: { fieldPath: status.podIP } }
- name: CULVERT_VERSION
  value: {{ .version | quote }}
- name: CULVERT_SECRET
  valueFrom:
    secretKeyRef:
      name: {{ include "culvert.secretName" .root }}
      key: {{ .root.Values.secret.key }}
- name: CULVERT_REDIS_URL
  valueFrom:
    secretKeyRef:
      name: {{ include "culvert.redisSecretName" .root }}
      key: {{ if eq .component "deployer" }}{{ .root.Values.redis.deployerKey | default .root.Values.redis.key }}{{ else }}{{ .root.Values.redis.key }}{{ end }}
- name: CULVERT_REDIS_PREFIX
  value: {{ .root.Values.redis.prefix | quote }}
- name: CULVERT_LOG_LEVEL
  value: {{ .root.Values.log.level }}
{{- with .root.Values.telemetry.otlpEndpoint }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ . | quote }}
- name: OTEL_METRICS_EXPORTER
  value: none
- name: OTEL_TRACES_SAMPLER
  value: parentbased_traceidratio
- name: OTEL_TRACES_SAMPLER_ARG
  value: {{ $.root.Values.telemetry.sampleRatio | quote }}
{{- end }}
{{- end -}}

{{/*
One role's container. (dict "root" $ "component" … "version" … "id" … "args" (list …) "ports" (dict name port)
"preStop" seconds "resources" … "data" true).
*/}}
{{- define "culvert.container" -}}
- name: {{ .component }}
  image: "{{ .root.Values.image.repository }}:{{ .version }}"
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  args:
    - {{ .component }}
    - --admin-listen=0.0.0.0:9090
    {{- range .args }}
    - {{ . | quote }}
    {{- end }}
  env:
    {{- include "culvert.env" . | nindent 4 }}
  ports:
    - { name: admin, containerPort: 9090 }
    {{- range $name, $port := .ports }}
    - { name: {{ $name }}, containerPort: {{ $port }} }
    {{- end }}
  startupProbe:
    httpGet: { path: /healthz, port: admin }
    periodSeconds: 2
    failureThreshold: 30
  # Liveness is the process's own; a node that has no Redis for a while is not ready, and goes on serving what it has.
  livenessProbe:
    httpGet: { path: /healthz, port: admin }
    periodSeconds: 10
    timeoutSeconds: 5
    failureThreshold: 6
  readinessProbe:
    httpGet: { path: /readyz, port: admin }
    periodSeconds: 3
    timeoutSeconds: 3
    failureThreshold: 2
  {{- if .preStop }}
  # Load balancers hear of the end some seconds late: what they still send is served.
  lifecycle: { preStop: { sleep: { seconds: {{ .preStop }} } } }
  {{- end }}
  resources: {{- toYaml .resources | nindent 4 }}
  securityContext:
    allowPrivilegeEscalation: false
    readOnlyRootFilesystem: true
    capabilities: { drop: [ALL] }
  volumeMounts:
    - { name: tmp, mountPath: /tmp }
    {{- if .data }}
    - { name: data, mountPath: /data }
    {{- end }}
    {{- if .root.Values.redis.tlsSecret }}
    - { name: redis-tls, mountPath: /etc/culvert/redis-tls, readOnly: true }
    {{- end }}
{{- end -}}

{{/*
The rest of a pod. (dict "root" $ "component" … "pool" … "stop" seconds "nodeSelector" … "tolerations" … "data" "" |
"emptyDir" | "claim" "serviceAccount" name "token" bool).
*/}}
{{- define "culvert.podBase" -}}
serviceAccountName: {{ .serviceAccount }}
automountServiceAccountToken: {{ .token | default false }}
enableServiceLinks: false
terminationGracePeriodSeconds: {{ .stop }}
{{- with .root.Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .root.Values.podSecurity.runAsUser | int64 }}
  runAsGroup: {{ .root.Values.podSecurity.runAsUser | int64 }}
  fsGroup: {{ .root.Values.podSecurity.fsGroup | int64 }}
  seccompProfile: { type: RuntimeDefault }
{{- with .nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- $hard := eq .root.Values.spread "hard" }}
affinity:
  podAntiAffinity:
    {{- if $hard }}
    requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: kubernetes.io/hostname
        labelSelector: { matchLabels: { {{- include "culvert.selector" . | fromYaml | toJson | trimAll "{}" -}} } }
    {{- else }}
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        podAffinityTerm:
          topologyKey: kubernetes.io/hostname
          labelSelector: { matchLabels: { {{- include "culvert.selector" . | fromYaml | toJson | trimAll "{}" -}} } }
    {{- end }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: topology.kubernetes.io/zone
    whenUnsatisfiable: {{ if $hard }}DoNotSchedule{{ else }}ScheduleAnyway{{ end }}
    labelSelector: { matchLabels: { {{- include "culvert.selector" . | fromYaml | toJson | trimAll "{}" -}} } }
volumes:
  - { name: tmp, emptyDir: { medium: Memory, sizeLimit: 64Mi } }
  {{- if eq (.data | default "") "emptyDir" }}
  - { name: data, emptyDir: { sizeLimit: 1Gi } }
  {{- end }}
  {{- with .root.Values.redis.tlsSecret }}
  - { name: redis-tls, secret: { secretName: {{ . }}, defaultMode: 0440 } }
  {{- end }}
{{- end -}}

{{/* A worker's pod: by the StatefulSet, or as a template for the deploy worker. (dict "root" $ "pool" {…} "version" … "id" … "poolName" …) */}}
{{- define "culvert.workerPod" -}}
{{- $root := .root -}}
{{- $workers := $root.Values.workers -}}
{{- $args := list "--proxy-listen=0.0.0.0:3128" "--link-listen=0.0.0.0:7000" (printf "--pool=%s" .pool.name) -}}
{{- $args = append $args (printf "--capacity=%d" (.pool.capacity | default 20000 | int)) -}}
{{- $args = append $args (printf "--stop-deadline=%ds" ($workers.stopDeadlineSeconds | int)) -}}
{{- $args = concat $args $workers.extraArgs -}}
metadata:
  {{- if include "culvert.deployerManaged" $root }}
  {{- $suffix := ternary "" (printf "%s-" .pool.name) (eq .pool.name "default") }}
  generateName: {{ include "culvert.fullname" $root }}-worker-{{ $suffix }}
  annotations:
    # How many there are to be at first, and of which version: deployments decide from then on.
    culvert.dev/replicas: {{ .pool.replicas | quote }}
    culvert.dev/first-version: {{ include "culvert.version" $root | quote }}
  {{- end }}
  labels:
    {{- include "culvert.podLabels" (dict "root" $root "component" "worker" "pool" .pool.name) | nindent 4 }}
spec:
  {{- if include "culvert.deployerManaged" $root }}
  restartPolicy: Always
  {{- end }}
  {{- include "culvert.podBase" (dict "root" $root "component" "worker" "pool" .pool.name "stop" (add $workers.stopDeadlineSeconds 15) "nodeSelector" .pool.nodeSelector "tolerations" .pool.tolerations "serviceAccount" (printf "%s-node" (include "culvert.fullname" $root))) | nindent 2 }}
  containers:
    {{- include "culvert.container" (dict "root" $root "component" "worker" "version" .version "id" .id "args" $args "ports" (dict "proxy" 3128 "link" 7000) "resources" (.pool.resources | default $workers.resources)) | nindent 4 }}
{{- end -}}
