import assert from 'node:assert/strict';
import { test } from 'node:test';
import { query } from '#testing/dns/ask.ts';
import { isQuery, readQuery } from './message/query.ts';
import { DnsMetrics } from './metrics.ts';

test('metrics of DNS – after some queries – have CoreDNS’s names and labels', () => {
  const metrics = new DnsMetrics('10.244.0.1', () => ({ success: 2, denial: 1 }));
  const asked = readQuery(query('web.default.svc.cluster.local', 'A'));
  assert.ok(isQuery(asked));
  const response = Buffer.from('00078183', 'hex');
  metrics.answered(asked, response, 'udp', 'kubernetes', 0.1);
  metrics.answered({ ...asked, type: 65 }, response, 'tcp', 'forward', 3);
  metrics.cached('miss');
  metrics.cached('success');
  metrics.asked('192.0.2.1:53', 0, 3);
  metrics.asked('192.0.2.1:53', undefined, 2000);
  metrics.refused();
  const series = metrics.page.split('\n').filter((line) => !/^#|_bucket|_sum|^$/.test(line));
  const server = 'server="dns://:53"';
  assert.deepEqual(series, [
    `coredns_dns_requests_total{family="1",proto="udp",${server},type="A",view="",zone="."} 1`,
    `coredns_dns_requests_total{family="1",proto="tcp",${server},type="other",view="",zone="."} 1`,
    `coredns_dns_responses_total{plugin="kubernetes",rcode="NXDOMAIN",${server},view="",zone="."} 1`,
    `coredns_dns_responses_total{plugin="forward",rcode="NXDOMAIN",${server},view="",zone="."} 1`,
    `coredns_dns_request_duration_seconds_count{${server},view="",zone="."} 2`,
    `coredns_dns_request_size_bytes_count{proto="udp",${server},view="",zone="."} 1`,
    `coredns_dns_request_size_bytes_count{proto="tcp",${server},view="",zone="."} 1`,
    `coredns_dns_response_size_bytes_count{proto="udp",${server},view="",zone="."} 1`,
    `coredns_dns_response_size_bytes_count{proto="tcp",${server},view="",zone="."} 1`,
    `coredns_cache_requests_total{${server},view="",zones="."} 2`,
    `coredns_cache_hits_total{${server},type="success",view="",zones="."} 1`,
    `coredns_cache_misses_total{${server},view="",zones="."} 1`,
    `coredns_cache_entries{${server},type="success",view="",zones="."} 2`,
    `coredns_cache_entries{${server},type="denial",view="",zones="."} 1`,
    `coredns_proxy_request_duration_seconds_count{proxy_name="forward",rcode="NOERROR",to="192.0.2.1:53"} 1`,
    `coredns_proxy_request_duration_seconds_count{proxy_name="forward",rcode="",to="192.0.2.1:53"} 1`,
    'coredns_forward_max_concurrent_rejects_total 1',
  ]);
});
