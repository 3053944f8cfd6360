/** The model as HAProxy's configuration: global settings, a frontend for each listener, a backend for each backend. */

import type { ProxyModel, Route } from '../model/model.ts';
import { backendSection } from './backend-section.ts';
import { ConfigText } from './config-text.ts';
import { listenerSection, noRoute, splits } from './listener-section.ts';
import { mapKinds, routeMaps } from './route-maps.ts';
import type { Slots } from './slots.ts';

export interface RenderOptions {
  /** Socket of run-time commands. */
  readonly socket: string;
  /** By the id of the backend. */
  readonly slots: ReadonlyMap<string, Slots>;
  /** Makes the values of affinity cookies; the same for as long as they are to hold. */
  readonly cookieKey: string;
}

export function render(model: ProxyModel, { socket, slots, cookieKey }: RenderOptions): ConfigText {
  const config = new ConfigText();
  for (const line of [...globalLines(socket), ...defaultLines, ...ownSections]) config.line(line);
  const owners = new Map(model.backends.map(({ id, owner }) => [id, owner]));
  const tables = new Map(model.tables.map((table) => [table.id, { table, maps: routeMaps(table) }]));
  const ownerOf = ({ backend }: Route) => owners.get(backend);
  for (const { table, maps } of tables.values()) {
    for (const kind of mapKinds) {
      const lines = maps[kind];
      const lineOwners = lines.map(({ route }) => route && ownerOf(route));
      config.file(
        `${table.id}.${kind}`,
        lines.map(({ text }) => text),
        lineOwners,
      );
    }
  }
  for (const listener of model.listeners) {
    const known = tables.get(listener.table);
    if (!known) throw new Error(`listener ${listener.id} has no route table`);
    listenerSection(config, listener, known.table, known.maps, ownerOf);
  }
  for (const backend of model.backends) {
    backendSection(config, backend, slots.get(backend.id) ?? [], cookieKey);
  }
  config.files.set('haproxy.cfg', config.text());
  return config;
}

/** Workers of earlier configurations serve their open connections to the end, within bounds. */
function globalLines(socket: string): string[] {
  return [
    'global',
    `  stats socket ${socket} mode 600 level admin expose-fd listeners`,
    '  user haproxy',
    '  group haproxy',
    // The number of connections follows from it, and from the limit of this machine.
    '  fd-hard-limit 50000',
    '  hard-stop-after 1h',
    '  mworker-max-reloads 20',
    '  ssl-default-bind-options ssl-min-ver TLSv1.2',
    '  tune.ssl.default-dh-param 2048',
  ];
}

const defaultLines = [
  '',
  'defaults',
  '  mode http',
  '  timeout http-request 30s',
  '  timeout http-keep-alive 75s',
  '  timeout client 60s',
  '  timeout connect 5s',
  '  timeout server 60s',
  '  timeout queue 10s',
  '  timeout tunnel 1h',
  '  option http-keep-alive',
  // A client that has sent its next request while this worker ends gets its answer.
  '  option idle-close-on-response',
  '  option dontlognull',
  '  option redispatch 1',
  '  retries 3',
  '  retry-on conn-failure empty-response',
];

const ownSections = [
  '',
  `backend ${splits}`,
  '  stick-table type string len 64 size 100k store gpc0',
  '',
  `backend ${noRoute}`,
  '  http-request return status 404 content-type text/plain string "default backend - 404"',
];
