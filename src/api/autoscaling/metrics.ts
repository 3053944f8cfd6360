/**
 * The metrics of an autoscaler: annotations in autoscaling/v1, fields in autoscaling/v2.
 * Fields that v1's Go types hold by value are zero when v2 has none.
 */

import { isJsonObject, type JsonObject } from '#wire/json/value.ts';

type Fields = JsonObject;

interface Source {
  toV1(source: Fields, names: AmountNames): Fields;
  toV2(source: Fields, names: AmountNames): Fields;
}

/** The names of v1's amounts, and the word that they begin with. */
interface AmountNames {
  readonly word: Word;
  readonly value: string;
  readonly average: string;
  readonly utilization: string;
}

/**
 * Spec and status have the same structure for each kind of metric; v1 prefixes the names of amounts with one
 * of these words.
 */
type Word = 'target' | 'current';

/** In the order of v1's fields. */
const sourceNames = ['object', 'pods', 'resource', 'containerResource', 'external'] as const;

export function metricToV1(metric: Fields, word: Word): Fields {
  return converted(metric, (name, source) => sources[name].toV1(source, namesOf(word)));
}

export function metricToV2(metric: Fields, word: Word): Fields {
  return converted(metric, (name, source) => sources[name].toV2(source, namesOf(word)));
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

const sources: Readonly<Record<SourceName, Source>> = {
  object: {
    toV1(source, { word, value }) {
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
    toV2: (source, { word, value }) => ({
      describedObject: source['target'] ?? {},
      metric: metricOf(source['metricName'], source['selector']),
      ...amounts(word, source['averageValue'] === undefined ? 'Value' : 'AverageValue', {
        value: source[value] ?? '0',
        averageValue: source['averageValue'],
      }),
    }),
  },
  pods: {
    toV1(source, { word, average }) {
      const metric = fieldsOf(source, 'metric');
      return present({
        metricName: metric['name'] ?? '',
        [average]: fieldsOf(source, word)['averageValue'] ?? '0',
        selector: metric['selector'],
      });
    },
    toV2: (source, { word, average }) => ({
      metric: metricOf(source['metricName'], source['selector']),
      ...amounts(word, 'AverageValue', { averageValue: source[average] ?? '0' }),
    }),
  },
  resource: resourceSource(() => ({})),
  containerResource: resourceSource((source) => ({ container: source['container'] ?? '' })),
  external: {
    toV1(source, { word, value, average }) {
      const given = fieldsOf(source, word);
      const metric = fieldsOf(source, 'metric');
      return present({
        metricName: metric['name'] ?? '',
        metricSelector: metric['selector'],
        [value]: word === 'current' ? (given['value'] ?? '0') : given['value'],
        [average]: given['averageValue'],
      });
    },
    toV2: (source, { word, value, average }) => ({
      metric: metricOf(source['metricName'], source['metricSelector']),
      ...amounts(word, source[value] === undefined ? 'AverageValue' : 'Value', {
        value: word === 'current' ? (source[value] ?? '0') : source[value],
        averageValue: source[average],
      }),
    }),
  },
};

/** Of the pods' resource, or of that of a container, which `container` then names. */
function resourceSource(container: (source: Fields) => Fields): Source {
  return {
    toV1(source, { word, average, utilization }) {
      const given = fieldsOf(source, word);
      return present({
        name: source['name'] ?? '',
        [utilization]: given['averageUtilization'],
        [average]: word === 'current' ? (given['averageValue'] ?? '0') : given['averageValue'],
        ...container(source),
      });
    },
    toV2: (source, { word, average, utilization }) => ({
      name: source['name'] ?? '',
      ...container(source),
      ...amounts(word, source[utilization] === undefined ? 'AverageValue' : 'Utilization', {
        averageValue: word === 'current' ? (source[average] ?? '0') : source[average],
        averageUtilization: source[utilization],
      }),
    }),
  };
}

function namesOf(word: Word): AmountNames {
  const average = `${word}AverageValue`;
  return { word, value: `${word}Value`, average, utilization: `${word}AverageUtilization` };
}

/** v2 keeps the amounts under `word`; for a target it also names the amount that counts. */
function amounts(word: Word, type: string, given: Fields): Fields {
  return present({ [word]: present(word === 'target' ? { type, ...given } : given) });
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
