"""Sends spans, a counter and log records with the OpenTelemetry SDK. usage: client.py grpc|http HOST:PORT RUN NUMBER

RUN is an attribute of the resource, by which the receiving side knows what came from here.
"""
import logging
import sys

from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

protocol, target, run, number = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
if protocol == "grpc":
    from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    options = [{"endpoint": target, "insecure": True}] * 3
else:
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    options = [{"endpoint": f"http://{target}/v1/{signal}"} for signal in ("traces", "metrics", "logs")]

resource = Resource.create({"service.name": "run-local", "e2e.run": run})
traces = TracerProvider(resource=resource)
traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(**options[0])))
metrics = MeterProvider(resource=resource, metric_readers=[
    PeriodicExportingMetricReader(OTLPMetricExporter(**options[1]), export_interval_millis=600000)])
logs = LoggerProvider(resource=resource)
logs.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(**options[2])))

tracer = traces.get_tracer("e2e")
counter = metrics.get_meter("e2e").create_counter("e2e.requests")
logger = logging.getLogger("e2e")
logger.setLevel(logging.INFO)
logger.propagate = False
logger.addHandler(LoggingHandler(logger_provider=logs))
for index in range(number):
    with tracer.start_as_current_span(f"span-{index}", attributes={"index": index, "text": "grüße"}):
        counter.add(1, {"index": index})
        logger.info("record %d", index)
for provider in (traces, metrics, logs):
    provider.shutdown()
