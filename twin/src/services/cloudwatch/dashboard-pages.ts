// The dashboards of the template, one page each, and a list of them.

import { type Pages, WrongInput } from '../../pages/pages.ts';
import type { Dashboards } from './dashboards/dashboards.ts';
import { renderDashboardList } from './dashboards/render-dashboard.ts';

/** As long as the store keeps a metric of every minute by the hour, at least. */
const mostHours = 92 * 24;

export function dashboardPages(dashboards: Dashboards, collect: () => void): Pages {
  const pages = dashboards.names.map((name) => [
    `GET /dashboards/${name}`,
    {
      about: 'this dashboard, drawn for a browser; ?hours=24 for another range',
      isHtml: true,
      answer: (_: string, query: URLSearchParams) => {
        const hours = readHours(query.get('hours'));
        collect();
        return dashboards.render(name, hours);
      },
    },
  ]);
  return {
    'GET /dashboards': {
      about: 'the dashboards of the template, for a browser',
      isHtml: true,
      answer: () => renderDashboardList(dashboards.names),
    },
    ...Object.fromEntries(pages),
  };
}

function readHours(given: string | null): number | undefined {
  if (given === null) return undefined;
  const hours = /^\d{1,4}$/.test(given) ? Number(given) : 0;
  if (hours < 1 || hours > mostHours) throw new WrongInput(`hours is a whole number of 1 to ${mostHours}.`);
  return hours;
}
