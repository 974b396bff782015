import { routerSuite } from './support/router-suite.js';
import { hive } from './support/routers.js';

routerSuite(hive);
