// npm run shop: builds the web page of examples/web when it is stale.
import { buildShop } from './build-shop.js';

console.log((await buildShop()) ? 'built' : 'is built');
