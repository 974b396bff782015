import { describe, expect, test } from '@jest/globals';
import { NEIGHBOUR_PORTS, SUBGRAPH_PORTS } from '../../../dev/compose/ports.js';
import { loadConfig, requireProductionSettings } from '../../../src/config.js';
import { readYaml } from './files.js';

interface Service {
  readonly image: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { condition: string }>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
}

describe('docker-compose.yml', () => {
  const { services } = readYaml<{ services: Record<string, Service> }>('docker-compose.yml');
  const environment = (name: string) => services[name]?.environment ?? {};

  test('gives the service everything that what ships needs, without the secrets of the laptop', () => {
    const config = loadConfig(environment('orders'));
    expect(() => requireProductionSettings(config)).not.toThrow();
    expect(environment('router')['ROUTER_SECRET']).toBe(config.ROUTER_SECRET);
    expect(environment('stand-ins')['JWT_ACCESS_TOKEN_SECRET']).toBe(config.JWT_ACCESS_TOKEN_SECRET);
    expect(environment('migrate')['DATABASE_URL']).toBe(config.DATABASE_URL);
    expect(environment('stand-ins')['ORDER_SERVICE_GRPC']).toBe(`orders:${config.GRPC_PORT}`);
    expect(environment('router')['ORDERS_URL']).toBe(`http://orders:${config.HTTP_PORT}/graphql`);
  });

  test('names the ports that the stand-ins listen on', () => {
    const { user, course, payment, session } = NEIGHBOUR_PORTS;
    expect(environment('orders')).toMatchObject({
      USER_SERVICE_GRPC: `stand-ins:${user}`,
      COURSE_SERVICE_GRPC: `stand-ins:${course}`,
      PAYMENT_SERVICE_GRPC: `stand-ins:${payment}`,
      SESSION_SERVICE_GRPC: `stand-ins:${session}`,
    });
    expect(environment('router')).toMatchObject({
      USERS_URL: `http://stand-ins:${SUBGRAPH_PORTS.users}/graphql`,
      COURSES_URL: `http://stand-ins:${SUBGRAPH_PORTS.courses}/graphql`,
      SESSIONS_URL: `http://stand-ins:${SUBGRAPH_PORTS.sessions}/graphql`,
    });
    expect(services['stand-ins']?.ports).toEqual([`127.0.0.1:${NEIGHBOUR_PORTS.page}:${NEIGHBOUR_PORTS.page}`]);
  });

  test('lets the page that it serves ask the router', () => {
    const page = services['stand-ins']?.ports?.[0]?.split(':').slice(0, 2).join(':');
    expect(environment('router')['CORS_ORIGIN']).toBe(`http://${page}`);
    const graph = services['router']?.ports?.[0]?.split(':').slice(0, 2).join(':');
    expect(environment('stand-ins')['PUBLIC_GRAPH_URL']).toBe(`http://${graph}/graphql`);
  });

  test('publishes ports on this machine only', () => {
    const published = Object.values(services).flatMap(({ ports = [] }) => ports);
    expect(published).toHaveLength(4);
    expect(published.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  test('waits for the health of what can tell it', () => {
    for (const { depends_on: needs = {} } of Object.values(services)) {
      for (const [name, { condition }] of Object.entries(needs)) {
        const oneShot = ['migrate', 'supergraph'].includes(name);
        expect(condition).toBe(oneShot ? 'service_completed_successfully' : 'service_healthy');
        // The health of the service is asked for in its image.
        if (!oneShot && name !== 'orders') expect(services[name]?.healthcheck?.test).toBeDefined();
      }
    }
  });
});
