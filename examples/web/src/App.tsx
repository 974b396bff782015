import { lazy, Suspense } from 'react';
import { Loader } from '@mantine/core';
import { Route, Routes } from 'react-router';
import { Layout } from './layout/Layout';
import { MissingPage } from './layout/MissingPage';
import { OrderPage } from './orders/OrderPage';
import { OrdersPage } from './orders/OrdersPage';
import { PaidPage } from './orders/PaidPage';
import { SessionsPage } from './sessions/SessionsPage';
import { CoursePage } from './shop/CoursePage';
import { ShopPage } from './shop/ShopPage';

// Few people see them, and the chart is large.
const DeskPage = lazy(() => import('./desk/DeskPage'));
const TeachingPage = lazy(() => import('./teaching/TeachingPage'));

/** Which address shows which page. */
export function App() {
  return (
    <Layout>
      <Suspense fallback={<Loader />}>
        <Routes>
          <Route index element={<ShopPage />} />
          <Route path="courses/:courseId" element={<CoursePage />} />
          <Route path="orders" element={<OrdersPage />} />
          <Route path="orders/:orderId" element={<OrderPage />} />
          <Route path="orders/:orderId/paid" element={<PaidPage />} />
          <Route path="sessions" element={<SessionsPage />} />
          <Route path="teaching" element={<TeachingPage />} />
          <Route path="desk/*" element={<DeskPage />} />
          <Route path="*" element={<MissingPage />} />
        </Routes>
      </Suspense>
    </Layout>
  );
}
