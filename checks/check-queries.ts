import { metricNames } from '../shared/platform/telemetry-metrics.ts';
import { type Check, type Project, projectAt, REPOSITORY } from './project.ts';

const DOCUMENT = 'docs/operations.md';

/** Alerts and workbook ask for events and metrics that exist, and every alert is explained to whom it wakes. */
export const checkQueries: Check = (project) => {
  const events = loggedEvents(projectAt(REPOSITORY));
  const metrics: readonly string[] = Object.values(metricNames);
  const used = `${project.read('infra/modules/alerts.bicep')}\n${project.read('infra/generated/workbook.json')}`;
  return [
    ...project.files('infra/queries/*.kql').flatMap((path) => {
      const query = project.read(path);
      return [
        ...eventsOf(query)
          .filter((event) => !events.has(event))
          .map((event) => `${path}: no code logs the event ${event}`),
        ...metricsOf(query)
          .filter((metric) => !metrics.includes(metric))
          .map((metric) => `${path}: there is no metric ${metric}`),
        ...(used.includes(nameOf(path)) ? [] : [`${path}: neither an alert nor the workbook uses it`]),
      ];
    }),
    ...alerts(project),
  ];
};

function alerts(project: Project): string[] {
  const text = project.read('infra/modules/alerts.bicep');
  const document = project.read(DOCUMENT);
  const names = [...text.matchAll(/^ {4}name: '([a-z-]+)'/gm)].map(([, name]) => name ?? '');
  const loaded = [...text.matchAll(/loadTextContent\('\.\.\/(queries\/[a-z-]+\.kql)'\)/g)].map(
    ([, path]) => path ?? '',
  );
  const there = project.files('infra/queries/*.kql');
  return [
    ...names
      .filter((name) => !document.includes(`### ${name}`))
      .map((name) => `${DOCUMENT}: does not explain the alert ${name} (### ${name})`),
    ...loaded
      .filter((path) => !there.includes(`infra/${path}`))
      .map((path) => `infra/modules/alerts.bicep: there is no infra/${path}`),
  ];
}

/** The first argument of every call of a logger. */
function loggedEvents(repository: Project): Set<string> {
  const sources = repository.files('shared/**/*.ts').map((path) => repository.read(path));
  return new Set(
    sources.flatMap((source) =>
      [...source.matchAll(/\blog\s*\.(?:debug|info|warn|error)\(\s*'([a-z_]+)'/g)].map(([, event]) => event ?? ''),
    ),
  );
}

function eventsOf(query: string): string[] {
  return [...query.matchAll(/entry\.event\) (?:==|in) (\([^)]*\)|'[a-z_]+')/g)].flatMap(([, list = '']) =>
    [...list.matchAll(/'([a-z_]+)'/g)].map(([, event]) => event ?? ''),
  );
}

function metricsOf(query: string): string[] {
  return [...query.matchAll(/Name == '([a-z._]+)'/g)].map(([, metric]) => metric ?? '');
}

function nameOf(path: string): string {
  return path.replace(/^.*\/|\.kql$/g, '');
}
