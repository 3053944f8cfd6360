/**
 * The metrics of an autoscaler: annotations in autoscaling/v1, fields in autoscaling/v2.
 * Fields that v1's Go types hold by value are zero when v2 has none.
 */

import { isJsonObject, type JsonObject } from '#wire/json/value.ts';

type Fields = JsonObject;

interface Source {
  toV1(source: Fields): Fields;
  toV2(source: Fields): Fields;
}
/**
 * Spec and status have the same structure for each kind of metric; v1 prefixes the names of amounts with one
 * of these words.
 */
type Word = 'target' | 'current';

/** In the order of v1's fields. */
const sourceNames = ['object', 'pods', 'resource', 'containerResource', 'external'] as const;

export function metricToV1(metric: Fields, word: Word): Fields {
  return converted(metric, (name, source) => sources(word)[name].toV1(source));
}

export function metricToV2(metric: Fields, word: Word): Fields {
  return converted(metric, (name, source) => sources(word)[name].toV2(source));
}

type SourceName = (typeof sourceNames)[number];

function converted(metric: Fields, convert: (name: SourceName, source: Fields) => Fields): Fields {
  const result: Fields = { type: metric['type'] ?? '' };
  for (const name of sourceNames) {
    const source = metric[name];
    if (isJsonObject(source)) result[name] = convert(name, source);
  }
  return result;
}

function sources(word: Word): Record<SourceName, Source> {
  const [value, average, utilization] = [`${word}Value`, `${word}AverageValue`, `${word}AverageUtilization`];
  /** v2 keeps the amounts under this name; for a target it also names the amount that counts. */
  const amounts = (type: string, given: Fields) =>
    present({ [word]: present(word === 'target' ? { type, ...given } : given) });
  const ofResource = (isInContainer: boolean): Source => ({
    toV1: (source) => {
      const given = fieldsOf(source, word);
      return present({
        name: source['name'] ?? '',
        [utilization]: given['averageUtilization'],
        [average]: word === 'current' ? (given['averageValue'] ?? '0') : given['averageValue'],
        ...(isInContainer ? { container: source['container'] ?? '' } : {}),
      });
    },
    toV2: (source) => ({
      name: source['name'] ?? '',
      ...(isInContainer ? { container: source['container'] ?? '' } : {}),
      ...amounts(source[utilization] === undefined ? 'AverageValue' : 'Utilization', {
        averageValue: word === 'current' ? (source[average] ?? '0') : source[average],
        averageUtilization: source[utilization],
      }),
    }),
  });
  return {
    object: {
      toV1: (source) => {
        const given = fieldsOf(source, word);
        const metric = fieldsOf(source, 'metric');
        return present({
          target: source['describedObject'] ?? {},
          metricName: metric['name'] ?? '',
          [value]: given['value'] ?? '0',
          selector: metric['selector'],
          averageValue: given['averageValue'],
        });
      },
      toV2: (source) => ({
        describedObject: source['target'] ?? {},
        metric: metricOf(source['metricName'], source['selector']),
        ...amounts(source['averageValue'] === undefined ? 'Value' : 'AverageValue', {
          value: source[value] ?? '0',
          averageValue: source['averageValue'],
        }),
      }),
    },
    pods: {
      toV1: (source) => {
        const metric = fieldsOf(source, 'metric');
        return present({
          metricName: metric['name'] ?? '',
          [average]: fieldsOf(source, word)['averageValue'] ?? '0',
          selector: metric['selector'],
        });
      },
      toV2: (source) => ({
        metric: metricOf(source['metricName'], source['selector']),
        ...amounts('AverageValue', { averageValue: source[average] ?? '0' }),
      }),
    },
    resource: ofResource(false),
    containerResource: ofResource(true),
    external: {
      toV1: (source) => {
        const given = fieldsOf(source, word);
        const metric = fieldsOf(source, 'metric');
        return present({
          metricName: metric['name'] ?? '',
          metricSelector: metric['selector'],
          [value]: word === 'current' ? (given['value'] ?? '0') : given['value'],
          [average]: given['averageValue'],
        });
      },
      toV2: (source) => ({
        metric: metricOf(source['metricName'], source['metricSelector']),
        ...amounts(source[value] === undefined ? 'AverageValue' : 'Value', {
          value: word === 'current' ? (source[value] ?? '0') : source[value],
          averageValue: source[average],
        }),
      }),
    },
  };
}

function metricOf(name: unknown, selector: unknown): Fields {
  return present({ name: name ?? '', selector });
}

function fieldsOf(owner: Fields, name: string): Fields {
  const value = owner[name];
  return isJsonObject(value) ? value : {};
}

function present(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null),
  );
}
