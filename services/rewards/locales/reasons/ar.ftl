offer-reason-often_bought = لأنك تشتري { $category } كثيرًا
offer-reason-ends_soon = لأنه ينتهي قريبًا
offer-reason-new_kind = شيء لم تحصل عليه من قبل
offer-reason-in_reach = لأنك تستطيع الحصول عليه الآن
offer-reason-nearly_in_reach = لأن نقاطك تكاد تكفي له
offer-reason-for_you = اختير لك
